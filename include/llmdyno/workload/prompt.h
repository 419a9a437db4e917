// What a user would type: one text of a dataset, with its length in tokens once that was counted. Loaders
// make it, sources send it. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/core/token_count.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

struct Prompt {
  std::string text;
  TokenCount tokens =
      {};  // of `text` alone: no system prompt, no chat template; 0 until CountTokens was called
  // What the answer to this prompt may have at most; unset leaves it to the source's own limit.
  std::optional<int64_t> max_output_tokens = {};
};

// Fills in Prompt::tokens. Fails when the counter does, or gives another number of counts than it was given
// texts.
absl::Status CountTokens(TokenCounter& counter, std::span<Prompt> prompts);

}  // namespace llmdyno
