// JSON bodies of answers that are not streamed.
#pragma once

#include <cstdint>
#include <string>

#include "api_request.h"
#include "generation_plan.h"
#include "llmdyno/sim/sim_config.h"

namespace llmdyno {

// The answer to a completion, an embedding, a rerank or a score. The fault `empty` leaves
// out what was generated.
std::string RenderWholeBody(const SimConfig& config, const ApiRequest& request, const GenerationPlan& plan,
                            const std::string& id, int64_t created_s);

std::string RenderModels(const SimConfig& config, int64_t created_s);
std::string RenderTokenize(const SimConfig& config, const ApiRequest& request);

}  // namespace llmdyno
