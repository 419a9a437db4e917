// Holds one load for a while and says what happened. QPS and serving benchmarks use it, on the thread that is
// to run the loop.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "llmdyno/metrics/backlog.h"
#include "llmdyno/metrics/serving_metrics.h"
#include "llmdyno/metrics/serving_metrics_builder.h"
#include "llmdyno/metrics/steady_state.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/run/run_plan.h"

namespace llmdyno {

// One level as it went: the run, and what its records say.
struct LevelRun {
  RunResult result;
  ServingMetrics metrics;
  ClientHealth health;
  std::optional<BacklogTrend> backlog;
  std::optional<SteadyState> steady;
};

// Executes the plan and gathers its metrics; the context's own sinks receive the records as well. Blocks
// until the last request has ended. Errors are ExecuteRun's.
absl::StatusOr<LevelRun> RunLevel(RunPlan& plan, const RunContext& context,
                                  const ServingMetricsConfig& config);

// What is known of the client during a run: from its records, and from what its shards noticed. Of several
// shards the worst counts.
ClientHealth ClientHealthOf(const RunMetrics& metrics, const RunResult& result);

// Polls without sending for this long: the endpoint and its caches come to rest. Returns early, and false,
// when the context's control asks to stop.
bool Pause(Duration time, const RunContext& context);

}  // namespace llmdyno
