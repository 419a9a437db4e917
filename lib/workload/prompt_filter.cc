#include "llmdyno/workload/prompt_filter.h"

#include <algorithm>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

PromptLengths Measure(const std::vector<Prompt>& prompts, const PromptTokenRange& range) {
  PromptLengths lengths;
  lengths.prompts = static_cast<int64_t>(prompts.size());
  if (prompts.empty()) return lengths;
  lengths.source = TokenCountSource::kUsage;
  std::vector<int64_t> counts;
  counts.reserve(prompts.size());
  for (const Prompt& prompt : prompts) {
    const int64_t tokens = prompt.tokens.tokens;
    counts.push_back(tokens);
    lengths.matched += tokens >= range.min_tokens && tokens <= range.max_tokens ? 1 : 0;
    lengths.source =
        std::max(lengths.source, prompt.tokens.source);  // declared from most to least trustworthy
  }
  std::sort(counts.begin(), counts.end());
  lengths.min_tokens = counts.front();
  lengths.median_tokens = counts[(counts.size() - 1) / 2];
  lengths.max_tokens = counts.back();
  return lengths;
}

std::string RangeText(int64_t low, int64_t high) { return WithThousands(low) + " to " + WithThousands(high); }

}  // namespace

absl::Status PromptTokenRange::Validate() const {
  if (min_tokens < 1) {
    return absl::InvalidArgumentError("the shortest length of prompts is " + std::to_string(min_tokens) +
                                      " tokens: expected 1 or more");
  }
  if (max_tokens < min_tokens) {
    return absl::InvalidArgumentError("the longest length of prompts is " + std::to_string(max_tokens) +
                                      " tokens: expected the shortest, " + std::to_string(min_tokens) +
                                      ", or more");
  }
  return absl::OkStatus();
}

std::string Describe(const PromptLengths& lengths, const PromptTokenRange& range) {
  return WithThousands(lengths.matched) + " of " + WithThousands(lengths.prompts) + " prompts have " +
         RangeText(range.min_tokens, range.max_tokens) + " tokens; all have " +
         RangeText(lengths.min_tokens, lengths.max_tokens) + ", median " +
         WithThousands(lengths.median_tokens) + " (" + std::string(ToString(lengths.source)) + ")";
}

absl::StatusOr<FilteredPrompts> FilterPrompts(std::vector<Prompt> prompts, const PromptTokenRange& range) {
  LLMDYNO_RETURN_IF_ERROR(range.Validate());
  if (prompts.empty()) return absl::InvalidArgumentError("there are no prompts to choose from");
  FilteredPrompts result;
  result.lengths = Measure(prompts, range);
  if (result.lengths.matched == 0) {
    return absl::InvalidArgumentError(
        "no prompt has " + RangeText(range.min_tokens, range.max_tokens) + " tokens: the " +
        WithThousands(result.lengths.prompts) + " prompts have " +
        RangeText(result.lengths.min_tokens, result.lengths.max_tokens) + ", median " +
        WithThousands(result.lengths.median_tokens) + "; counts are " +
        std::string(ToString(result.lengths.source)) + "; choose a range that overlaps these lengths");
  }
  std::erase_if(prompts, [&range](const Prompt& prompt) {
    return prompt.tokens.tokens < range.min_tokens || prompt.tokens.tokens > range.max_tokens;
  });
  result.prompts = std::move(prompts);
  return result;
}

}  // namespace llmdyno
