#include "whole_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "item_reply.h"
#include "usage_json.h"
#include "vocabulary.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json ChatMessage(const SimConfig& config, const GenerationPlan& plan, int64_t tokens) {
  const int64_t reasoning = std::min(config.reasoning_tokens, tokens);
  Json message = {{"role", "assistant"}, {"content", ""}};
  std::string text;
  if (reasoning > 0) {
    AppendOutputText(plan.first_word, 0, reasoning, text);
    message[config.reasoning_field] = text;
    text.clear();
  }
  AppendOutputText(plan.first_word, reasoning, tokens, text);
  message["content"] = std::move(text);
  return message;
}

std::string RenderCompletion(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                             const std::string& id, int64_t created_s) {
  const bool is_chat = request.route == ApiRoute::kChat;
  const int64_t tokens = plan.fate == Fault::kEmpty ? 0 : plan.output_tokens;
  Json choices = Json::array();
  for (int64_t choice = 0; choice < request.choices; ++choice) {
    Json entry = {{"index", choice}};
    if (is_chat) {
      entry["message"] = ChatMessage(config, plan, tokens);
    } else {
      std::string text;
      AppendOutputText(plan.first_word, 0, tokens, text);
      entry["text"] = std::move(text);
    }
    entry["logprobs"] = nullptr;
    entry["finish_reason"] = plan.reaches_limit && tokens > 0 ? "length" : "stop";
    entry["stop_reason"] = nullptr;
    choices.push_back(std::move(entry));
  }
  Json body = {{"id", id},
               {"object", is_chat ? "chat.completion" : "text_completion"},
               {"created", created_s},
               {"model", request.model}};
  if (config.usage_extras) body["provider"] = kExtrasProvider;
  body["choices"] = std::move(choices);
  const int64_t reasoning = is_chat ? std::min(config.reasoning_tokens, tokens) : 0;
  std::string text = Dump(body);
  if (plan.omits_usage) return text;
  AddUsage({.prompt_tokens = request.prompt_tokens,
            .completion_tokens = tokens * request.choices,
            .reasoning_tokens = reasoning * request.choices,
            .has_extras = config.usage_extras},
           text);
  return text;
}

}  // namespace

std::string RenderWholeBody(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                            const std::string& id, int64_t created_s) {
  switch (request.route) {
    case ApiRoute::kChat:
    case ApiRoute::kCompletions:
      return RenderCompletion(config, request, plan, id, created_s);
    default:
      return RenderItems(config, request, plan, id, created_s);
  }
}

std::string RenderModels(const SimConfig& config, int64_t created_s) {
  const Json model = {{"id", config.model},
                      {"object", "model"},
                      {"created", created_s},
                      {"owned_by", "llmdyno-sim"},
                      {"root", config.model},
                      {"parent", nullptr},
                      {"max_model_len", config.max_model_len}};
  return Dump({{"object", "list"}, {"data", Json::array({model})}});
}

std::string RenderTokenize(const SimConfig& config, const ApiRequest& request) {
  return Dump({{"count", request.prompt_tokens},
               {"max_model_len", config.max_model_len},
               {"tokens", request.token_ids},
               {"token_strs", nullptr}});
}

}  // namespace llmdyno
