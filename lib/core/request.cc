#include "llmdyno/core/request.h"

namespace llmdyno {

const std::string& PromptText(const Request& request) {
  static const std::string none;
  if (const auto* completion = std::get_if<CompletionBody>(&request.body)) return completion->prompt;
  const auto& messages = std::get<ChatBody>(request.body).messages;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if (message->role == "user") return message->content;
  }
  return messages.empty() ? none : messages.back().content;
}

}  // namespace llmdyno
