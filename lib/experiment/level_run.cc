#include "llmdyno/experiment/level_run.h"

#include <algorithm>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

ThreadHealth HealthOf(const ThreadUsage& usage, Duration time_awake, Duration elapsed) {
  // What lasts no longer than a few requests take to be sent is all sending, whatever sends.
  constexpr Duration kShortestJudged = std::chrono::milliseconds(10);
  if (elapsed < kShortestJudged) return {};
  // Staying awake for the next send is no work, and gives way to it.
  const Duration work = std::max(Duration::zero(), usage.cpu_time - time_awake);
  ThreadHealth health;
  // A thread that is kept waiting reads its account some time after the finish line.
  health.cpu_share = std::min(1.0, ToSeconds(work) / ToSeconds(elapsed));
  if (usage.run_queue_wait) {
    health.wait_share = std::min(1.0, ToSeconds(*usage.run_queue_wait) / ToSeconds(elapsed));
  }
  return health;
}

void AddTransport(const TransportStats& transport, ClientHealth& health) {
  if (transport.is_simulated) {
    if (!health.arrival_clock) health.arrival_clock = ArrivalClock::kSimulated;
    return;
  }
  ClientHealth of_shard;
  of_shard.read_lag_p50 = transport.read_lag_p50;
  of_shard.read_lag_p99 = transport.read_lag_p99;
  of_shard.read_lag_max = transport.read_lag_max;
  of_shard.wall_clock_steps = transport.wall_clock_steps;
  of_shard.segments_sent = transport.segments_sent;
  if (transport.segments_sent > 0) {
    of_shard.retransmit_share =
        static_cast<double>(transport.retransmits) / static_cast<double>(transport.segments_sent);
  }
  health = WorstOf(health, of_shard);
  health.descriptor_failures += transport.descriptor_failures;
  health.port_failures += transport.port_failures;
}

}  // namespace

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
  ClientHealth health = ClientHealthFromRecords(metrics);
  const Duration elapsed = result.finish_line - result.started_at;
  for (const ShardResult& shard : result.shards) {
    AddTransport(shard.transport, health);
    if (shard.transport.is_simulated) continue;
    health.shards.push_back(HealthOf(shard.thread, shard.transport.time_awake, elapsed));
    if (result.shards.size() > 1) {
      health.hand_over_lag_max =
          std::max(health.hand_over_lag_max.value_or(Duration::zero()), shard.hand_over_lag_max);
    }
  }
  if (result.decisions && !health.shards.empty()) {
    health.decisions = HealthOf(*result.decisions, Duration::zero(), elapsed);
    health.run_queue_wait_share = health.decisions->wait_share;
  }
  if (!health.shards.empty()) health.cores_busy_share = result.cores_busy_share;
  for (const ThreadHealth& shard : health.shards) {
    health.loop_cpu_share = std::max(health.loop_cpu_share, shard.cpu_share);
    health.run_queue_wait_share = std::max(health.run_queue_wait_share, shard.wait_share);
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
