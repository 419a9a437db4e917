#include "token_source.h"

#include <utility>

#include "scripted_pace.h"
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
      : job_(std::move(job)), pace_(config), left_(job_.output_tokens) {}

  TimePoint FirstDue() const {
    return pace_.FirstDue(job_.arrival, job_.output_tokens, job_.wants_all_at_once);
  }

  std::optional<TimePoint> OnTimer(TimePoint due) override {
    if (job_.consumer->is_over()) return std::nullopt;
    const int64_t tokens = pace_.ChunkOf(left_, job_.wants_all_at_once);
    left_ -= tokens;
    job_.consumer->OnTokens(tokens);
    if (left_ == 0) return std::nullopt;
    return pace_.NextDue(due);
  }

 private:
  TokenJob job_;
  ScriptedPace pace_;
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
