// When the tokens of a generation become available: at once, by a script, or by the engine model.
#pragma once

#include <cstdint>
#include <memory>

#include "llmdyno/base/time.h"
#include "llmdyno/sim/engine_model.h"
#include "llmdyno/sim/sim_config.h"

namespace llmdyno {

class TimerQueue;

// Somebody who waits for tokens.
class TokenConsumer {
 public:
  virtual ~TokenConsumer() = default;
  // So many tokens more are available.
  virtual void OnTokens(int64_t tokens) = 0;
  // True once nothing more is wanted; sources then let go of it.
  virtual bool is_over() const = 0;
};

struct TokenJob {
  uint64_t id = 0;  // unique among all jobs of the server
  std::shared_ptr<TokenConsumer> consumer;
  int64_t prompt_tokens = 0;
  int64_t output_tokens = 1;
  bool wants_all_at_once = false;  // not streaming: called once, with everything
  TimePoint arrival;
};

// One per worker; used on the worker's thread.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // May call the consumer before it returns. Nothing follows a refusal.
  virtual EngineModel::Admission Start(TokenJob job) = 0;
  // No more tokens for this job; unknown and finished ones are ignored.
  virtual void Cancel(uint64_t id) = 0;
};

std::unique_ptr<TokenSource> MakeImmediateSource();
// `timers` and `config` must outlive the source.
std::unique_ptr<TokenSource> MakeScriptedSource(const SimConfig& config, TimerQueue& timers);

}  // namespace llmdyno
