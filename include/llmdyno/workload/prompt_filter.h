// Keeps the prompts whose length lies in a range of tokens, and says what lengths there were. The catalog's
// workloads use it before a run. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/core/token_count.h"
#include "llmdyno/workload/prompt.h"

namespace llmdyno {

// Both ends included. Only the user's prompt counts: a system prompt is the same for every request and says
// nothing about a dataset.
struct PromptTokenRange {
  int64_t min_tokens = 50;
  int64_t max_tokens = 150;

  // InvalidArgument with the first problem: a lower end below 1, or an upper one below that.
  absl::Status Validate() const;
};

// The lengths that were found, in tokens. Needs no match to be filled in.
struct PromptLengths {
  int64_t prompts = 0;  // looked at
  int64_t matched = 0;  // of these: in the range
  int64_t min_tokens = 0;
  int64_t median_tokens = 0;  // the lower one of the middle two when their number is even
  int64_t max_tokens = 0;
  TokenCountSource source = TokenCountSource::kEstimated;  // the least trustworthy one among the counts
};
// "412 of 15,011 prompts have 50 to 150 tokens; all have 3 to 6,012, median 41 (estimated)".
std::string Describe(const PromptLengths& lengths, const PromptTokenRange& range);

// What is left, and what there was.
struct FilteredPrompts {
  std::vector<Prompt> prompts;  // in the order given
  PromptLengths lengths;
};

// The prompts must have been counted (CountTokens). With none in the range: InvalidArgument with a sentence
// that names the flags of the range, the range that was found, and where the counts came from.
absl::StatusOr<FilteredPrompts> FilterPrompts(std::vector<Prompt> prompts, const PromptTokenRange& range);

}  // namespace llmdyno
