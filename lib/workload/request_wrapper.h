// What the request sources have in common: numbering, the limit of requests, and the request around a prompt.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "llmdyno/core/request.h"
#include "llmdyno/workload/prompt_source.h"

namespace llmdyno {

class RequestWrapper {
 public:
  explicit RequestWrapper(PromptRequestConfig config) : config_(std::move(config)) {}

  const PromptRequestConfig& config() const { return config_; }
  bool exhausted() const { return config_.max_requests && next_id_ >= *config_.max_requests; }

  // The next request of the sequence, still without a body. `tokens` of 0: nobody counted.
  Request Begin(const TokenCount& tokens) {
    Request request;
    request.id = next_id_++;
    if (tokens.tokens > 0) {
      request.prompt_tokens = tokens.tokens;
      request.prompt_tokens_source = tokens.source;
    }
    request.max_output_tokens = config_.max_output_tokens;
    return request;
  }

  // With the system prompt, if there is one.
  Request Wrap(std::string prompt, const TokenCount& tokens) {
    Request request = Begin(tokens);
    if (config_.body == PromptBody::kCompletion) {
      request.body = CompletionBody{std::move(prompt)};
      return request;
    }
    ChatBody chat;
    chat.messages.reserve(2);
    if (!config_.system_prompt.empty()) chat.messages.push_back({"system", config_.system_prompt});
    chat.messages.push_back({"user", std::move(prompt)});
    request.body = std::move(chat);
    return request;
  }

 private:
  const PromptRequestConfig config_;
  int64_t next_id_ = 0;
};

}  // namespace llmdyno
