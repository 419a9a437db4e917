// Engines by name: what `--simulate h100-llama-3.1-8b` stands for. The source of every figure stands beside
// it in engine_profile.cc. MakeSimConfig looks profiles up. Never changes, so any thread may read it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "llmdyno/sim/engine_model.h"

namespace llmdyno {

// A model on a machine, as the simulated endpoint plays it.
struct EngineProfile {
  std::string_view name;
  std::string_view summary;  // one line for --help
  std::string_view model;    // the name that GET /v1/models reports
  int64_t max_model_len = 0;
  EngineConfig engine;
};

// All profiles in the order of --help; the memory lives for the whole program.
std::span<const EngineProfile> EngineProfiles();

}  // namespace llmdyno
