#include "generation_plan.h"

#include <algorithm>

#include "llmdyno/base/random.h"

namespace llmdyno {
namespace {

// A generator of its own for each concern and request: changing the fault rates never changes the lengths.
Rng RngFor(const SimConfig& config, std::string_view concern, uint64_t index) {
  const uint64_t base = RandomStreams(static_cast<uint64_t>(config.seed)).Stream(concern).Next();
  return Rng(base + index * 0x9E3779B97F4A7C15U);  // the golden ratio spreads neighbouring indices
}

bool IsGenerating(ApiRoute route) { return route == ApiRoute::kChat || route == ApiRoute::kCompletions; }

void PlanLength(const SimConfig& config, const ApiRequest& request, GenerationPlan& plan) {
  Rng rng = RngFor(config, "sim.output", plan.index);
  const int64_t drawn = rng.UniformInt(config.output_tokens.min, config.output_tokens.max);
  plan.first_word = rng.Next();
  if (!IsGenerating(request.route)) return;
  const int64_t room = std::max<int64_t>(config.max_model_len - request.prompt_tokens, 1);
  const int64_t limit = request.max_tokens.value_or(room);
  plan.output_tokens = std::min(limit, std::max(drawn, request.min_tokens));
  if (request.ignore_eos && request.max_tokens) plan.output_tokens = limit;
  plan.reaches_limit = plan.output_tokens == limit;
  if (config.short_output && plan.output_tokens > 1) {
    --plan.output_tokens;
    plan.reaches_limit = false;
  }
}

// Whether a fault can strike an answer of this route at all.
bool AppliesTo(Fault fault, ApiRoute route) {
  if (fault == Fault::kShortItems || fault == Fault::kNanItem) return !IsGenerating(route);
  if (fault == Fault::kOtherDimension) return route == ApiRoute::kEmbeddings || route == ApiRoute::kTeiEmbed;
  return true;
}

// One draw decides among the exclusive faults: each owns an interval as wide as its rate.
void PlanFaults(const SimConfig& config, ApiRoute route, GenerationPlan& plan) {
  Rng rng = RngFor(config, "sim.faults", plan.index);
  double draw = rng.UniformReal();
  for (size_t i = 0; i < kFaultCount; ++i) {
    const Fault fault = static_cast<Fault>(i);
    if (!IsExclusive(fault)) break;
    if (draw < config.faults[fault]) {
      if (AppliesTo(fault, route)) plan.fate = fault;
      break;
    }
    draw -= config.faults[fault];
  }
  plan.drips = rng.Chance(config.faults[Fault::kDrip]);
  plan.omits_usage = rng.Chance(config.faults[Fault::kNoUsage]);
  plan.omits_done = rng.Chance(config.faults[Fault::kNoDone]);
}

}  // namespace

GenerationPlan PlanGeneration(const SimConfig& config, const ApiRequest& request, uint64_t index) {
  GenerationPlan plan;
  plan.index = index;
  PlanLength(config, request, plan);
  PlanFaults(config, request.route, plan);
  return plan;
}

}  // namespace llmdyno
