// When the tokens of a request on the script become available: the first after ttft, a chunk more every itl.
#pragma once

#include <algorithm>
#include <cstdint>

#include "llmdyno/sim/sim_config.h"

namespace llmdyno {

// Pure functions of the config, which must outlive it.
class ScriptedPace {
 public:
  explicit ScriptedPace(const SimConfig& config) : config_(config) {}

  // Of the first chunk, or of the last for who wants all at once.
  TimePoint FirstDue(TimePoint arrival, int64_t output_tokens, bool wants_all_at_once) const {
    const int64_t chunks = (output_tokens + config_.tokens_per_chunk - 1) / config_.tokens_per_chunk;
    const Duration wait = wants_all_at_once ? config_.itl * (chunks - 1) : Duration(0);
    return Align(arrival + config_.ttft + wait);
  }
  // How many of the tokens that are left come at once.
  int64_t ChunkOf(int64_t left, bool wants_all_at_once) const {
    const bool is_all = wants_all_at_once || config_.itl == Duration(0);
    return is_all ? left : std::min(left, config_.tokens_per_chunk);
  }
  // Of the chunk behind the one that was due then.
  TimePoint NextDue(TimePoint due) const { return due + config_.itl; }

 private:
  // In lockstep the next multiple of itl, so that all streams are written back to back.
  TimePoint Align(TimePoint due) const {
    if (!config_.lockstep) return due;
    const Duration past = due.time_since_epoch() % config_.itl;
    return past == Duration(0) ? due : due + (config_.itl - past);
  }

  const SimConfig& config_;
};

}  // namespace llmdyno
