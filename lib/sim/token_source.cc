#include "token_source.h"

#include <algorithm>

#include "timer_queue.h"

namespace llmdyno {
namespace {

class ImmediateSource : public TokenSource {
 public:
  EngineModel::Admission Start(TokenJob job) override {
    job.consumer->OnTokens(job.output_tokens);
    return EngineModel::Admission::kAccepted;
  }
  void Cancel(uint64_t) override {}
};

// One request on its way through the script.
class ScriptedJob : public Timed {
 public:
  ScriptedJob(TokenJob job, const SimConfig& config)
      : job_(std::move(job)), config_(config), left_(job_.output_tokens) {}

  TimePoint FirstDue() const {
    const int64_t chunks = (job_.output_tokens + config_.tokens_per_chunk - 1) / config_.tokens_per_chunk;
    const Duration wait = job_.wants_all_at_once ? config_.itl * (chunks - 1) : Duration(0);
    return Align(job_.arrival + config_.ttft + wait);
  }

  std::optional<TimePoint> OnTimer(TimePoint due) override {
    if (job_.consumer->is_over()) return std::nullopt;
    const bool is_all = job_.wants_all_at_once || config_.itl == Duration(0);
    const int64_t tokens = is_all ? left_ : std::min(left_, config_.tokens_per_chunk);
    left_ -= tokens;
    job_.consumer->OnTokens(tokens);
    if (left_ == 0) return std::nullopt;
    return due + config_.itl;
  }

 private:
  // In lockstep the next multiple of itl, so that all streams are written back to back.
  TimePoint Align(TimePoint due) const {
    if (!config_.lockstep) return due;
    const Duration past = due.time_since_epoch() % config_.itl;
    return past == Duration(0) ? due : due + (config_.itl - past);
  }

  TokenJob job_;
  const SimConfig& config_;
  int64_t left_;
};

class ScriptedSource : public TokenSource {
 public:
  ScriptedSource(const SimConfig& config, TimerQueue& timers) : config_(config), timers_(timers) {}

  EngineModel::Admission Start(TokenJob job) override {
    auto scripted = std::make_shared<ScriptedJob>(std::move(job), config_);
    const TimePoint due = scripted->FirstDue();
    timers_.Add(due, std::move(scripted));
    return EngineModel::Admission::kAccepted;
  }
  // The job notices at its next instant that its consumer is over.
  void Cancel(uint64_t) override {}

 private:
  const SimConfig& config_;
  TimerQueue& timers_;
};

}  // namespace

std::unique_ptr<TokenSource> MakeImmediateSource() { return std::make_unique<ImmediateSource>(); }

std::unique_ptr<TokenSource> MakeScriptedSource(const SimConfig& config, TimerQueue& timers) {
  return std::make_unique<ScriptedSource>(config, timers);
}

}  // namespace llmdyno
