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
  LevelRun level;
  LLMDYNO_ASSIGN_OR_RETURN(level.result, ExecuteRun(plan, with_metrics));
  level.metrics = metrics.Build();
  level.backlog = backlog.Trend();
  level.steady = steady.Build();
  level.health = ClientHealthOf(level.metrics.all, level.result);
  return level;
}

ClientHealth ClientHealthOf(const RunMetrics& metrics, const RunResult& result) {
  // What lasts no longer than a few requests take to be sent is all sending, whatever sends.
  constexpr Duration kShortestJudged = std::chrono::milliseconds(10);
  const Duration elapsed = result.finish_line - result.started_at;
  ClientHealth health = ClientHealthFromRecords(metrics);
  for (const ShardResult& shard : result.shards) {
    ClientHealth of_shard;
    of_shard.read_lag_p50 = shard.transport.read_lag_p50;
    of_shard.read_lag_p99 = shard.transport.read_lag_p99;
    of_shard.read_lag_max = shard.transport.read_lag_max;
    of_shard.wall_clock_steps = shard.transport.wall_clock_steps;
    if (elapsed >= kShortestJudged) {
      // Staying awake for the next send is no work, and gives way to it.
      const Duration work = std::max(Duration::zero(), shard.cpu_time - shard.transport.time_awake);
      of_shard.loop_cpu_share = ToSeconds(work) / ToSeconds(elapsed);
    }
    health = WorstOf(health, of_shard);
    health.descriptor_failures += shard.transport.descriptor_failures;
  }
  return health;
}

bool Pause(Duration time, const RunContext& context) {
  Transport& transport = *context.transports.front();
  context.control.Attach(&transport);
  const TimePoint end = context.clock.Now() + time;
  while (!context.control.stop_requested() && context.clock.Now() < end) transport.Poll(end);
  context.control.Attach(nullptr);
  return !context.control.stop_requested();
}

}  // namespace llmdyno
