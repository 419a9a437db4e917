// Cuts texts to a length in tokens, as exactly as the counter at hand can tell.
#pragma once

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "llmdyno/workload/prompt.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Cuts prompts[i].text behind one of its words so that it has lengths[i] tokens (at least 1), or one more or
// less where a word's end does not fall there, and fills in what it really has. Words are separated by a
// space or a line end. A text that is too short as a whole stays as it is. Fails when the counter does.
absl::Status FitToTokens(TokenCounter& counter, std::span<Prompt> prompts, std::span<const int64_t> lengths);

}  // namespace llmdyno
