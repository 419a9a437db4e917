// What is going to happen to one request, decided when it arrives: how long its output is and which faults it
// meets. A pure function of the config, the request and the request's index, so that the same seed tells the
// same story on every machine and with any number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api_request.h"
#include "llmdyno/sim/fault.h"
#include "llmdyno/sim/sim_config.h"

namespace llmdyno {

struct GenerationPlan {
  uint64_t index = 0;          // of the request among those that generate, from 0, in order of arrival
  int64_t output_tokens = 1;   // per choice
  bool reaches_limit = false;  // finish_reason "length", otherwise "stop"
  uint64_t first_word = 0;     // where in the word list the output begins
  std::optional<Fault> fate;   // the exclusive fault, if any
  bool drips = false;
  bool omits_usage = false;
  bool omits_done = false;

  // Number of tokens before a fault that strikes half-way.
  int64_t TokensBeforeFault() const { return output_tokens > 1 ? output_tokens / 2 : 1; }
};

// Needs a valid config. Embeddings, reranks and scores get one output token: the engine's prefill.
GenerationPlan PlanGeneration(const SimConfig& config, const ApiRequest& request, uint64_t index);

}  // namespace llmdyno
