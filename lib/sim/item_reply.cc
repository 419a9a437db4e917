#include "item_reply.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "embedding.h"
#include "usage_json.h"

namespace llmdyno {
namespace {

// How many of so many items the answer has.
size_t ItemCount(size_t items, const GenerationPlan& plan) {
  if (plan.fate == Fault::kEmpty) return 0;
  return plan.fate == Fault::kShortItems ? items - 1 : items;
}

// What stands in place of a number in the item at `position`, in turn as Python and as JavaScript write it;
// nothing when that item is in order.
std::string_view NotANumber(size_t position, size_t items, const GenerationPlan& plan) {
  if (plan.fate != Fault::kNanItem || position + 1 != items) return {};
  return plan.index % 2 == 0 ? "NaN" : "null";
}

void AppendVectors(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                   std::string& json) {
  const int64_t dimensions = request.dimensions.value_or(config.embedding_dimensions);
  const bool is_tei = request.route == ApiRoute::kTeiEmbed;
  const size_t items = ItemCount(request.inputs.size(), plan);
  json += '[';
  for (size_t i = 0; i < items; ++i) {
    if (i > 0) json += ',';
    const bool is_other = plan.fate == Fault::kOtherDimension && i + 1 == items;
    const int64_t own_dimensions = is_other ? std::max<int64_t>(dimensions - 1, 1) : dimensions;
    if (!is_tei) {
      json += "{\"index\":";
      AppendJsonNumber(static_cast<int64_t>(i), json);
      json += ",\"object\":\"embedding\",\"embedding\":";
    }
    AppendEmbedding(request.inputs[i], own_dimensions, request.wants_base64, json,
                    NotANumber(i, items, plan));
    if (!is_tei) json += '}';
  }
  json += ']';
}

struct Scored {
  double score = 0;
  size_t index = 0;
};

std::vector<Scored> ScoresOf(const ApiRequest& request) {
  std::vector<Scored> scores;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    scores.push_back({RelevanceScore(request.query, request.inputs[i]), i});
  }
  return scores;
}

// The best first, and no more than were asked for.
std::vector<Scored> RankingOf(const ApiRequest& request) {
  std::vector<Scored> ranking = ScoresOf(request);
  std::stable_sort(ranking.begin(), ranking.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
  if (request.top_n) ranking.resize(std::min(ranking.size(), static_cast<size_t>(*request.top_n)));
  return ranking;
}

void AddScore(std::string_view key, double score, std::string_view not_a_number, JsonObjectWriter& item) {
  if (not_a_number.empty()) {
    item.AddReal(key, score);
  } else {
    item.Key(key) += not_a_number;
  }
}

// Elements in vLLM's order of members, or in that of text-embeddings-inference.
void AppendScores(const std::vector<Scored>& scores, const ApiRequest& request, const GenerationPlan& plan,
                  std::string& json) {
  const size_t items = ItemCount(scores.size(), plan);
  json += '[';
  for (size_t i = 0; i < items; ++i) {
    if (i > 0) json += ',';
    JsonObjectWriter item(json);
    item.Add("index", static_cast<int64_t>(scores[i].index));
    if (request.route == ApiRoute::kScore) item.Add("object", "score");
    const std::string& text = request.inputs[scores[i].index];
    if (request.route == ApiRoute::kRerank && request.returns_documents) {
      JsonObjectWriter document(item.Key("document"));
      document.Add("text", text);
      document.Close();
    }
    AddScore(request.route == ApiRoute::kRerank ? "relevance_score" : "score", scores[i].score,
             NotANumber(i, items, plan), item);
    if (request.route == ApiRoute::kTeiRerank && request.returns_documents) item.Add("text", text);
    item.Close();
  }
  json += ']';
}

}  // namespace

std::string RenderItems(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                        const std::string& id, int64_t created_s) {
  std::string json;
  if (request.route == ApiRoute::kTeiEmbed) {
    AppendVectors(config, request, plan, json);
    return json;
  }
  if (request.route == ApiRoute::kTeiRerank) {
    AppendScores(RankingOf(request), request, plan, json);
    return json;
  }
  JsonObjectWriter body(json);
  body.Add("id", id);
  if (request.route == ApiRoute::kRerank) {
    body.Add("model", request.model);
    AppendScores(RankingOf(request), request, plan, body.Key("results"));
  } else {
    body.Add("object", "list");
    body.Add("created", created_s);
    body.Add("model", request.model);
    if (request.route == ApiRoute::kEmbeddings) {
      AppendVectors(config, request, plan, body.Key("data"));
    } else {
      AppendScores(ScoresOf(request), request, plan, body.Key("data"));
    }
  }
  body.Close();
  if (!plan.omits_usage) AddUsage({.prompt_tokens = request.prompt_tokens}, json);
  return json;
}

}  // namespace llmdyno
