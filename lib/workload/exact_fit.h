// Brings texts to a length in tokens, exactly: they are cut behind a word and then filled up with short words
// that nearly every tokenizer takes for one token each, until the counter says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/workload/prompt.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// A text that is still somewhat longer than wanted.
struct DraftPrompt {
  std::string text;
  size_t first_cut = 0;    // bytes of it that should have FirstAim(length) tokens; counted first
  int64_t length = 0;      // wanted, in tokens; 1 or more
  uint64_t fill_seed = 0;  // chooses the words that it is filled up with
};

// A little less than the length, for filling up needs one count less than cutting again.
int64_t FirstAim(int64_t length);

// How many tokens more than its length a draft should have, for the case that its tokens were misjudged.
int64_t Surplus(int64_t length);

// One prompt for each draft, its tokens as counted. With a tokenizer that knows common words they are the
// length asked for; where they cannot be had (a rule of thumb may jump over a number), the nearest that was
// found. All drafts are counted together, mostly twice; each count of a text is a request to the endpoint.
// Fails when the counter does.
absl::StatusOr<std::vector<Prompt>> FitExactly(TokenCounter& counter, std::vector<DraftPrompt> drafts);

}  // namespace llmdyno
