#include "usage_json.h"

#include <charconv>

namespace llmdyno {
namespace {

void AppendNumber(int64_t number, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

// In dollars, exact in millionths.
void AppendCost(const UsageCounts& usage, std::string& out) {
  char digits[32];
  const int64_t millionths = usage.prompt_tokens + 2 * usage.completion_tokens;
  const double cost = static_cast<double>(millionths) / 1e6;
  out.append(digits, std::to_chars(digits, digits + sizeof digits, cost).ptr);
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
    out.append("},\"cost\":");
    AppendCost(usage, out);
  }
  out.append("}");
}

void AddUsage(const UsageCounts& usage, std::string& object) {
  object.back() = ',';
  object.append("\"usage\":");
  AppendUsage(usage, object);
  object.append("}");
}

}  // namespace llmdyno
