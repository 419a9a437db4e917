#include "catalog/request_nonsense.h"

#include <algorithm>

namespace llmdyno {
namespace {

std::string NonsenseInBody(const ChatBody& body) {
  if (body.messages.empty()) return "gave a request without messages: expected one or more";
  bool says_something = false;
  for (const Message& message : body.messages) {
    if (message.role.empty()) return "gave a message without a role: expected system, user or assistant";
    says_something = says_something || !message.content.empty() || !message.image_urls.empty();
    for (const auto& url : message.image_urls) {
      if (url == nullptr) return "gave a message with a null picture";
    }
  }
  return says_something ? "" : "gave a request whose messages are all empty";
}

std::string NonsenseInBody(const CompletionBody& body) {
  return body.prompt.empty() ? "gave a request with an empty prompt" : "";
}

std::string NonsenseInBody(const TokenIdsBody& body) {
  if (body.token_ids.empty()) return "gave a request without token ids: expected one or more";
  const int32_t smallest = *std::min_element(body.token_ids.begin(), body.token_ids.end());
  return smallest < 0 ? "gave the token id " + std::to_string(smallest) + ": expected 0 or more" : "";
}

std::string NonsenseInBody(const EmbeddingBody& body) {
  return body.texts.empty() ? "gave a request without texts to embed: expected one or more" : "";
}

std::string NonsenseInBody(const RerankBody& body) {
  return body.documents.empty() ? "gave a request without documents to rank: expected one or more" : "";
}

std::string BelowLeast(const char* member, const std::optional<int64_t>& value, int64_t least) {
  if (!value || *value >= least) return "";
  return std::string("gave a request whose ") + member + " is " + std::to_string(*value) + ": expected " +
         std::to_string(least) + " or more, or nothing";
}

}  // namespace

std::string NonsenseInRequest(const Request& request) {
  if (request.body.valueless_by_exception()) return "gave a request without a body";
  const std::string problems[] = {
      std::visit([](const auto& body) { return NonsenseInBody(body); }, request.body),
      BelowLeast("max_output_tokens", request.max_output_tokens, 1),
      BelowLeast("min_output_tokens", request.min_output_tokens, 0),
      BelowLeast("prompt_tokens", request.prompt_tokens, 0),
      BelowLeast("target_prompt_tokens", request.target_prompt_tokens, 0)};
  for (const std::string& problem : problems) {
    if (!problem.empty()) return problem;
  }
  if (request.max_output_tokens && request.min_output_tokens > request.max_output_tokens) {
    return "gave a request whose min_output_tokens " + std::to_string(*request.min_output_tokens) +
           " is above its max_output_tokens " + std::to_string(*request.max_output_tokens);
  }
  return "";
}

}  // namespace llmdyno
