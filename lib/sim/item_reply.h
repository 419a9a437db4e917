// JSON bodies of answers that are a list: vectors of an embedding, scores of a rerank.
#pragma once

#include <cstdint>
#include <string>

#include "api_request.h"
#include "generation_plan.h"
#include "llmdyno/sim/sim_config.h"

namespace llmdyno {

// The answer to an embedding, a rerank or a score, in the shape of OpenAI, vLLM or text-embeddings-inference.
// The faults `empty`, `short_items`, `nan_item` and `other_dimension` make it wrong.
std::string RenderItems(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                        const std::string& id, int64_t created_s);

}  // namespace llmdyno
