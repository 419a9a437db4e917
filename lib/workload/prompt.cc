#include "llmdyno/workload/prompt.h"

#include <string_view>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {

absl::Status CountTokens(TokenCounter& counter, std::span<Prompt> prompts) {
  std::vector<std::string_view> texts;
  texts.reserve(prompts.size());
  for (const Prompt& prompt : prompts) texts.push_back(prompt.text);
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll(texts));
  if (counts.size() != prompts.size()) {
    return absl::InternalError("a token counter gave " + std::to_string(counts.size()) + " counts for " +
                               std::to_string(prompts.size()) + " texts");
  }
  for (size_t i = 0; i < prompts.size(); ++i) prompts[i].tokens = counts[i];
  return absl::OkStatus();
}

}  // namespace llmdyno
