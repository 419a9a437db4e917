#include "usage_json.h"

#include <charconv>

namespace llmdyno {
namespace {

void AppendNumber(int64_t number, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

}  // namespace

void AppendUsage(const UsageCounts& usage, std::string& out) {
  out.append("{\"prompt_tokens\":");
  AppendNumber(usage.prompt_tokens, out);
  out.append(",\"total_tokens\":");
  AppendNumber(usage.prompt_tokens + usage.completion_tokens, out);
  out.append(",\"completion_tokens\":");
  AppendNumber(usage.completion_tokens, out);
  if (usage.has_extras) {
    out.append(",\"prompt_tokens_details\":{\"cached_tokens\":");
    AppendNumber(usage.prompt_tokens / 4, out);
    out.append("},\"completion_tokens_details\":{\"reasoning_tokens\":");
    AppendNumber(usage.reasoning_tokens, out);
    out.append("}");
  }
  out.append("}");
}

}  // namespace llmdyno
