// What is asked of the endpoint, in the field's own words and without its spelling on the wire (that is a
// Dialect's business).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "llmdyno/core/token_count.h"

namespace llmdyno {

struct Message {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

// A conversation for /chat/completions.
struct ChatBody {
  std::vector<Message> messages;
};

// A bare prompt for /completions.
struct CompletionBody {
  std::string prompt;
};

using RequestBody = std::variant<ChatBody, CompletionBody>;

struct Request {
  int64_t id = 0;  // position in the run's sequence, from 0; the same for the same seed
  RequestBody body;
  // How many tokens the user's part of the prompt has, as far as the workload knows (TokenCounter), and how.
  std::optional<int64_t> prompt_tokens;
  TokenCountSource prompt_tokens_source = TokenCountSource::kEstimated;
  // Upper limit on generated tokens; unset leaves it to the endpoint.
  std::optional<int64_t> max_output_tokens;
};

// The text that a person would call the prompt: the last user message, or the bare prompt.
const std::string& PromptText(const Request& request);

}  // namespace llmdyno
