#include "llmdyno/experiment/sweep.h"

#include <memory>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/experiment/level_run.h"

namespace llmdyno {
namespace {

constexpr int64_t kWarmUp = -1;

// Passes records on and keeps the finish lines of single runs to itself.
class RecordsOnly final : public RecordSink {
 public:
  explicit RecordsOnly(const std::vector<RecordSink*>& sinks) : sinks_(sinks) {}
  void OnRecord(const RequestRecord& record) override {
    for (RecordSink* sink : sinks_) sink->OnRecord(record);
  }

 private:
  const std::vector<RecordSink*>& sinks_;
};

std::string Refusal(const RunResult& result) {
  return result.last_failure.empty() ? "it gave no reason" : result.last_failure;
}

// Both hold, where there are both.
template <typename Limit>
void Tighten(std::optional<Limit>& limit, const std::optional<Limit>& other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

// Errors of warm-up requests are ignored; what a refusal of all of them means is judged when they have ended.
StopCondition WarmUpStop(std::optional<int64_t> plan_requests, int64_t requests) {
  StopCondition stop;
  stop.requests = plan_requests;
  Tighten(stop.requests, std::optional(requests));
  stop.consecutive_failures.reset();
  stop.consecutive_failures_at_start.reset();
  return stop;
}

class Sweep {
 public:
  Sweep(const SweepConfig& config, const SweepSteps& steps, const RunContext& context)
      : config_(config), steps_(steps), context_(context), records_(context.sinks) {}

  absl::StatusOr<SweepResult> Run();

 private:
  absl::Status WarmUp(int64_t index);
  absl::Status RunLevel(int64_t index);
  absl::Status RunOnce(int64_t index, int64_t run, SweepMetricsBuilder& of_level, SweepLevelRun& level,
                       std::vector<SweepLevelMetrics>& complete);
  absl::StatusOr<RunPlan> PlanOf(int64_t index, int64_t run);
  absl::StatusOr<RunResult> Execute(RunPlan& plan, int64_t index, int64_t run,
                                    const std::vector<RecordSink*>& more_sinks);
  void DrawFinishLine();

  const SweepLevel& LevelAt(int64_t index) const { return config_.levels[static_cast<size_t>(index)]; }
  bool goes_on() const { return !result_.interrupted && result_.refusal.empty(); }
  // True, and noted, when the user wants to stop while something is left to do.
  bool StopRequested() {
    if (context_.control.stop_requested()) result_.interrupted = true;
    return result_.interrupted;
  }

  const SweepConfig& config_;
  const SweepSteps& steps_;
  const RunContext& context_;
  RecordsOnly records_;
  SweepResult result_;
  int64_t next_request_id_ = 0;
  std::optional<RunResult> last_run_;
};

absl::StatusOr<SweepResult> Sweep::Run() {
  const auto count = static_cast<int64_t>(config_.levels.size());
  for (int64_t index = 0; index < count; ++index) {
    if (goes_on() && !StopRequested()) LLMDYNO_RETURN_IF_ERROR(WarmUp(index));
    if (goes_on() && !StopRequested()) {
      LLMDYNO_RETURN_IF_ERROR(RunLevel(index));
    } else {
      result_.skipped.push_back(LevelAt(index).key);
    }
  }
  if (!result_.skipped.empty()) {
    result_.skip_reason = result_.interrupted ? std::string(ToString(context_.control.stop_reason()))
                                              : "the endpoint refuses these requests: " + result_.refusal;
  }
  DrawFinishLine();
  return result_;
}

absl::StatusOr<RunPlan> Sweep::PlanOf(int64_t index, int64_t run) {
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, steps_.make_plan(LevelAt(index), index, run));
  plan.level = index;
  plan.first_request_id = next_request_id_;
  if (run >= 0) {
    plan.phase = RunPhase::kMeasured;
    plan.run = run;
    Tighten(plan.stop.requests, LevelAt(index).requests);
    Tighten(plan.stop.duration, LevelAt(index).duration);
    return plan;
  }
  plan.phase = RunPhase::kWarmUp;
  plan.run = 0;
  plan.stop = WarmUpStop(plan.stop.requests, config_.warm_up_requests);
  return plan;
}

absl::StatusOr<RunResult> Sweep::Execute(RunPlan& plan, int64_t index, int64_t run,
                                         const std::vector<RecordSink*>& more_sinks) {
  RunContext context = context_;
  context.sinks = {&records_};
  context.sinks.insert(context.sinks.end(), more_sinks.begin(), more_sinks.end());
  context.on_progress = nullptr;
  if (steps_.on_progress) {
    context.on_progress = [&](const RunProgress& progress) { steps_.on_progress(index, run, progress); };
    context.progress_interval = steps_.progress_interval;
  }
  LLMDYNO_ASSIGN_OR_RETURN(RunResult result, ExecuteRun(plan, context));
  next_request_id_ += result.requests_drawn;
  if (!result.last_failure.empty()) result_.last_failure = result.last_failure;
  if (IsCut(result.stop_reason)) result_.interrupted = true;
  if (result.stop_reason == StopReason::kRefused) result_.refusal = Refusal(result);
  last_run_ = result;
  return result;
}

absl::Status Sweep::WarmUp(int64_t index) {
  if (config_.warm_up_requests == 0) return absl::OkStatus();
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, PlanOf(index, kWarmUp));
  LLMDYNO_ASSIGN_OR_RETURN(const RunResult result, Execute(plan, index, kWarmUp, {}));
  const RunTotals& totals = result.totals;
  if (totals.requests_ended > 0 && totals.refusals_at_start == totals.requests_ended) {
    result_.refusal = Refusal(result);
  }
  if (steps_.run_ended) steps_.run_ended(index, kWarmUp, {result, {}});
  return absl::OkStatus();
}

absl::Status Sweep::RunLevel(int64_t index) {
  SweepMetricsBuilder of_level(config_.metrics);
  SweepLevelRun level;
  std::vector<SweepLevelMetrics> complete;  // runs, each alone
  for (int64_t run = 0; run < config_.runs && goes_on() && (run == 0 || !StopRequested()); ++run) {
    LLMDYNO_RETURN_IF_ERROR(RunOnce(index, run, of_level, level, complete));
  }
  level.interrupted = result_.interrupted;
  level.metrics = of_level.Build();
  level.spread = SpreadOfSweepRuns(complete);
  ++result_.levels_run;
  return steps_.level_ended(LevelAt(index), index, level);
}

absl::Status Sweep::RunOnce(int64_t index, int64_t run, SweepMetricsBuilder& of_level, SweepLevelRun& level,
                            std::vector<SweepLevelMetrics>& complete) {
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, PlanOf(index, run));
  SweepMetricsBuilder of_run(config_.metrics);
  LLMDYNO_ASSIGN_OR_RETURN(const RunResult result, Execute(plan, index, run, {&of_level, &of_run}));
  of_level.EndRun();
  const SweepRunEnd end{result, of_run.Build()};
  const ClientHealth health = ClientHealthOf(end.metrics.all, result);
  level.health = run == 0 ? health : WorstOf(level.health, health);
  if (run == 0) level.started_at = result.started_at;
  level.stop_reason = ToString(result.stop_reason);
  level.refused = result.stop_reason == StopReason::kRefused;
  if (!result.last_failure.empty()) level.last_failure = result.last_failure;
  level.results.push_back(result);
  if (IsCompleteRun(level.stop_reason)) complete.push_back(end.metrics);
  if (steps_.run_ended) steps_.run_ended(index, run, end);
  return absl::OkStatus();
}

// When all requests of all runs have ended: no record follows.
void Sweep::DrawFinishLine() {
  const TimePoint line = last_run_ ? last_run_->drained_at : context_.clock.Now();
  StopReason reason = last_run_ ? last_run_->stop_reason : StopReason::kInterrupted;
  if (!result_.refusal.empty()) reason = StopReason::kRefused;
  if (result_.interrupted && !IsCut(reason)) reason = StopReason::kInterrupted;
  for (RecordSink* sink : context_.sinks) sink->OnFinishLine(line, ToString(reason));
}

}  // namespace

absl::Status SweepConfig::Validate() const {
  if (levels.empty()) return absl::InvalidArgumentError("a sweep needs at least one level");
  if (runs < 1) {
    return absl::InvalidArgumentError("runs is " + std::to_string(runs) + ": expected 1 or more");
  }
  if (warm_up_requests < 0) {
    return absl::InvalidArgumentError("warm_up_requests is " + std::to_string(warm_up_requests) +
                                      ": expected 0 or more");
  }
  if (metrics.num_completions < 1) {
    return absl::InvalidArgumentError("num_completions is " + std::to_string(metrics.num_completions) +
                                      ": expected 1 or more");
  }
  for (const SweepLevel& level : levels) {
    if (level.in_flight >= 1 && level.request_weight > 0) continue;
    return absl::InvalidArgumentError("the level '" + level.key +
                                      "': expected 1 request in flight or more, and a weight above 0");
  }
  return metrics.steady.Validate();
}

absl::StatusOr<SweepResult> RunSweep(const SweepConfig& config, const SweepSteps& steps,
                                     const RunContext& context) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  return Sweep(config, steps, context).Run();
}

}  // namespace llmdyno
