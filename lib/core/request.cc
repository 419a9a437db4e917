#include "llmdyno/core/request.h"

namespace llmdyno {
namespace {

const std::string kNone;

struct TextOf {
  const std::string& operator()(const CompletionBody& body) const { return body.prompt; }
  const std::string& operator()(const TokenIdsBody& /*body*/) const { return kNone; }
  const std::string& operator()(const EmbeddingBody& body) const {
    return body.texts.empty() ? kNone : body.texts.front();
  }
  const std::string& operator()(const RerankBody& body) const { return body.query; }
  const std::string& operator()(const ChatBody& body) const {
    for (auto message = body.messages.rbegin(); message != body.messages.rend(); ++message) {
      if (message->role == "user") return message->content;
    }
    return body.messages.empty() ? kNone : body.messages.back().content;
  }
};

}  // namespace

const std::string& PromptText(const Request& request) { return std::visit(TextOf(), request.body); }

int64_t ImageCount(const Request& request) {
  int64_t images = 0;
  if (const auto* chat = std::get_if<ChatBody>(&request.body)) {
    for (const Message& message : chat->messages) images += std::ssize(message.image_urls);
  }
  return images;
}

std::optional<int64_t> ExpectedItems(const Request& request) {
  if (const auto* embedding = std::get_if<EmbeddingBody>(&request.body)) return std::ssize(embedding->texts);
  if (const auto* rerank = std::get_if<RerankBody>(&request.body)) return std::ssize(rerank->documents);
  return std::nullopt;
}

}  // namespace llmdyno
