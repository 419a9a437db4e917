#include "whole_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "embedding.h"
#include "usage_json.h"
#include "vocabulary.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Puts a usage object behind the last field of an object, unless the plan omits it.
std::string WithUsage(std::string object, const UsageCounts& usage, const GenerationPlan& plan) {
  if (plan.omits_usage) return object;
  object.back() = ',';
  object += "\"usage\":";
  AppendUsage(usage, object);
  object += '}';
  return object;
}

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
  const Json body = {{"id", id},
                     {"object", is_chat ? "chat.completion" : "text_completion"},
                     {"created", created_s},
                     {"model", request.model},
                     {"choices", std::move(choices)}};
  const int64_t reasoning = is_chat ? std::min(config.reasoning_tokens, tokens) : 0;
  return WithUsage(Dump(body),
                   {.prompt_tokens = request.prompt_tokens,
                    .completion_tokens = tokens * request.choices,
                    .reasoning_tokens = reasoning * request.choices,
                    .has_extras = config.usage_extras},
                   plan);
}

std::string RenderEmbeddings(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                             const std::string& id, int64_t created_s) {
  const int64_t dimensions = request.dimensions.value_or(config.embedding_dimensions);
  std::string data;
  for (size_t i = 0; i < request.inputs.size() && plan.fate != Fault::kEmpty; ++i) {
    data += (i == 0 ? "" : ",") + ("{\"index\":" + std::to_string(i)) +
            ",\"object\":\"embedding\",\"embedding\":";
    AppendEmbedding(request.inputs[i], dimensions, request.wants_base64, data);
    data += '}';
  }
  const Json head = {{"id", id}, {"object", "list"}, {"created", created_s}, {"model", request.model}};
  std::string body = Dump(head);
  body.back() = ',';
  body += "\"data\":[" + data + "]}";
  return WithUsage(std::move(body), {.prompt_tokens = request.prompt_tokens}, plan);
}

std::string RenderRerank(const ApiRequest& request, const GenerationPlan& plan, const std::string& id) {
  std::vector<std::pair<double, size_t>> ranking;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    ranking.emplace_back(RelevanceScore(request.query, request.inputs[i]), i);
  }
  std::stable_sort(ranking.begin(), ranking.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (request.top_n) ranking.resize(std::min(ranking.size(), static_cast<size_t>(*request.top_n)));
  if (plan.fate == Fault::kEmpty) ranking.clear();
  Json results = Json::array();
  for (const auto& [score, index] : ranking) {
    results.push_back(
        {{"index", index}, {"document", {{"text", request.inputs[index]}}}, {"relevance_score", score}});
  }
  const Json body = {{"id", id}, {"model", request.model}, {"results", std::move(results)}};
  return WithUsage(Dump(body), {.prompt_tokens = request.prompt_tokens}, plan);
}

std::string RenderScores(const ApiRequest& request, const GenerationPlan& plan, const std::string& id,
                         int64_t created_s) {
  Json data = Json::array();
  for (size_t i = 0; i < request.inputs.size() && plan.fate != Fault::kEmpty; ++i) {
    data.push_back(
        {{"index", i}, {"object", "score"}, {"score", RelevanceScore(request.query, request.inputs[i])}});
  }
  const Json body = {{"id", id},
                     {"object", "list"},
                     {"created", created_s},
                     {"model", request.model},
                     {"data", std::move(data)}};
  return WithUsage(Dump(body), {.prompt_tokens = request.prompt_tokens}, plan);
}

}  // namespace

std::string RenderWholeBody(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                            const std::string& id, int64_t created_s) {
  switch (request.route) {
    case ApiRoute::kEmbeddings:
      return RenderEmbeddings(config, request, plan, id, created_s);
    case ApiRoute::kRerank:
      return RenderRerank(request, plan, id);
    case ApiRoute::kScore:
      return RenderScores(request, plan, id, created_s);
    default:
      return RenderCompletion(config, request, plan, id, created_s);
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
