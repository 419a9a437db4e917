#include "llmdyno/experiment/level_run.h"

#include <algorithm>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {

absl::StatusOr<LevelRun> RunLevel(RunPlan& plan, const RunContext& context,
                                  const ServingMetricsConfig& config) {
  ServingMetricsBuilder metrics(config);
  BacklogMeter backlog;
  SteadyStateMeter steady;
  RunContext with_metrics = context;
  with_metrics.sinks.push_back(&metrics);
  with_metrics.sinks.push_back(&backlog);
  with_metrics.sinks.push_back(&steady);
  context.transport.BeginStats();
  LevelRun level;
  LLMDYNO_ASSIGN_OR_RETURN(level.result, ExecuteRun(plan, with_metrics));
  level.metrics = metrics.Build();
  level.backlog = backlog.Trend();
  level.steady = steady.Build();
  level.health = ClientHealthOf(level.metrics.all, level.result, context.transport.Stats());
  return level;
}

ClientHealth ClientHealthOf(const RunMetrics& metrics, const RunResult& result, const TransportStats& stats) {
  ClientHealth health = ClientHealthFromRecords(metrics);
  health.read_lag_p50 = stats.read_lag_p50;
  health.read_lag_p99 = stats.read_lag_p99;
  health.read_lag_max = stats.read_lag_max;
  health.wall_clock_steps = stats.wall_clock_steps;
  health.descriptor_failures = stats.descriptor_failures;
  // What lasts no longer than a few requests take to be sent is all sending, whatever sends.
  constexpr Duration kShortestJudged = std::chrono::milliseconds(10);
  const Duration elapsed = result.finish_line - result.started_at;
  if (elapsed >= kShortestJudged) {
    // Staying awake for the next send is no work, and gives way to it.
    const Duration work = std::max(Duration::zero(), result.loop_cpu_time - stats.time_awake);
    health.loop_cpu_share = ToSeconds(work) / ToSeconds(elapsed);
  }
  return health;
}

bool Pause(Duration time, const RunContext& context) {
  context.control.Attach(&context.transport);
  const TimePoint end = context.clock.Now() + time;
  while (!context.control.stop_requested() && context.clock.Now() < end) context.transport.Poll(end);
  context.control.Attach(nullptr);
  return !context.control.stop_requested();
}

}  // namespace llmdyno
