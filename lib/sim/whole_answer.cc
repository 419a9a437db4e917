#include "whole_answer.h"

#include "whole_reply.h"

namespace llmdyno {
namespace {

// Embeddings and scores are not made of completion tokens.
int64_t CompletionTokens(const Generation& generation) {
  const ApiRoute route = generation.api.route;
  const bool is_completion = route == ApiRoute::kChat || route == ApiRoute::kCompletions;
  if (!is_completion || generation.has_fate(Fault::kEmpty)) return 0;
  return generation.plan.output_tokens * generation.api.choices;
}

}  // namespace

WholeAnswer MakeWholeAnswer(const SimConfig& config, const Generation& generation) {
  WholeAnswer answer;
  std::string& body = answer.reply.body;
  if (generation.has_fate(Fault::kSseError)) {
    body = "{\"error\":" + ErrorJson(500, "the simulated engine failed while generating") + "}";
    answer.sent_body_bytes = body.size();
    return answer;
  }
  body = RenderWholeBody(config, generation.api, generation.plan, generation.completion_id,
                         generation.created_s);
  if (generation.has_fate(Fault::kBadJson)) body.resize(body.size() / 2);
  answer.breaks_off = generation.has_fate(Fault::kCut) || generation.has_fate(Fault::kStallMid);
  answer.sent_body_bytes = answer.breaks_off ? body.size() - body.size() / 2 : body.size();
  answer.tokens = answer.breaks_off ? 0 : CompletionTokens(generation);
  return answer;
}

}  // namespace llmdyno
