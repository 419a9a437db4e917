// What is asked of the endpoint, in the field's own words and without its spelling on the wire (that is a
// Dialect's business). Request sources make it, dialects spell it. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "llmdyno/core/token_count.h"

namespace llmdyno {

// One message of a conversation.
struct Message {
  std::string role;  // "system", "user", "assistant"
  std::string content;
  // Pictures behind the text, each a URL: "data:image/png;base64,…", or one that the endpoint fetches.
  // Shared, for one may be a megabyte.
  std::vector<std::shared_ptr<const std::string>> image_urls = {};
};

// A conversation for /chat/completions.
struct ChatBody {
  std::vector<Message> messages;
};

// A bare prompt for /completions.
struct CompletionBody {
  std::string prompt;
};

// The same as token ids, for endpoints that take them (vLLM, SGLang).
struct TokenIdsBody {
  std::vector<int32_t> token_ids;
};

// Texts to be turned into vectors, for /embeddings.
struct EmbeddingBody {
  std::vector<std::string> texts;
};

// Documents to be ranked by a query, for /rerank and /score.
struct RerankBody {
  std::string query;
  std::vector<std::string> documents;
};

// What is sent; a dialect says which of them it can carry.
using RequestBody = std::variant<ChatBody, CompletionBody, TokenIdsBody, EmbeddingBody, RerankBody>;

// One request as a source hands it to the run loop. Absent limits are not sent.
struct Request {
  int64_t id = 0;  // position in the run's sequence, from 0; the same for the same seed
  RequestBody body;
  std::string model = {};  // when it is not the endpoint's own: an adapter
  // How many tokens the prompt was meant to have, where somebody said.
  std::optional<int64_t> target_prompt_tokens = {};
  // How many tokens the user's part of the prompt has, as far as the workload knows (TokenCounter), and how.
  std::optional<int64_t> prompt_tokens = {};
  TokenCountSource prompt_tokens_source = TokenCountSource::kEstimated;
  // Upper limit on generated tokens; unset leaves it to the endpoint.
  std::optional<int64_t> max_output_tokens = {};
  // Lower limit; where it is the upper one, too, the output has exactly that length.
  std::optional<int64_t> min_output_tokens = {};
};

// The text that a person would call the prompt: the last user message, the bare prompt, the first text to be
// embedded, the query. Empty for token ids.
const std::string& PromptText(const Request& request);

// Pictures in the request.
int64_t ImageCount(const Request& request);

// Vectors or scores that its answer must have; nothing for a request that generates text.
std::optional<int64_t> ExpectedItems(const Request& request);

}  // namespace llmdyno
