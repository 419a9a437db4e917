// Runs a sweep: level after level, each with its warm-up and several runs, each level handed over as soon as
// it ends. Knows neither workloads nor dialects nor files; the caller makes the plans and keeps the results.
// The sweep and the embedding benchmark use it. Blocks; calls its steps on the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/metrics/repetitions.h"
#include "llmdyno/metrics/sweep_metrics.h"
#include "llmdyno/metrics/sweep_metrics_builder.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/run/run_plan.h"
#include "llmdyno/run/run_progress.h"

namespace llmdyno {

// One load of the sweep.
struct SweepLevel {
  std::string key;        // of the level in the results: "8"
  int64_t in_flight = 1;  // batch size, or concurrency
  // What ends a run; in a burst as many requests as are in flight.
  std::optional<int64_t> requests = {};
  std::optional<Duration> duration = {};
  // How much longer a request takes than one of the other levels, roughly (its output tokens, say); for the
  // estimate of the time left and nothing else.
  double request_weight = 1;
};

// What is run, in the order in which it is.
struct SweepConfig {
  std::vector<SweepLevel> levels;
  int64_t runs = 3;              // of each level
  int64_t warm_up_requests = 3;  // before each level; 0 for none
  SweepMetricsConfig metrics;

  // InvalidArgument with the first problem and the accepted range.
  absl::Status Validate() const;
};

// One level as it went.
struct SweepLevelRun {
  SweepLevelMetrics metrics;
  ClientHealth health;             // the worst of the runs, field by field
  std::string stop_reason;         // of the last run: "target_requests", "interrupted", "refused", …
  std::string last_failure;        // one line; empty when nothing failed
  bool interrupted = false;        // not all runs were made, or the last one was cut
  bool refused = false;            // the endpoint does not take such requests; a run ended by that
  TimePoint started_at;            // of the first run
  std::vector<RunResult> results;  // of each run
  // How much the runs differ; runs that were cut by an interrupt are left out. Empty below two.
  std::vector<FigureSpread> spread;
};

// One run as it went, for whoever shows it at once.
struct SweepRunEnd {
  RunResult result;
  SweepLevelMetrics metrics;  // of this run alone
};

// What the sweep leaves to its caller.
struct SweepSteps {
  // The plan of a level's warm-up (run < 0) or of its run-th run: requests prepared, clock not started.
  // Phase, level, run and request ids are filled in by RunSweep. A measured run has the limits of its plan
  // and those of the level, whichever come first; mind that a plan gives up after some failures unless told
  // otherwise. A warm-up ends with its requests, whatever becomes of them.
  std::function<absl::StatusOr<RunPlan>(const SweepLevel&, int64_t level_index, int64_t run)> make_plan;
  // Saves and shows; called for each level of which a run has begun, interrupted or not. An error ends the
  // sweep.
  std::function<absl::Status(const SweepLevel&, int64_t level_index, const SweepLevelRun&)> level_ended;
  // May be empty. Of warm-ups as well, with run < 0.
  std::function<void(int64_t level_index, int64_t run, const RunProgress&)> on_progress = {};
  Duration progress_interval = std::chrono::seconds(1);
  // May be empty; called before level_ended. Of warm-ups as well, whose metrics are empty.
  std::function<void(int64_t level_index, int64_t run, const SweepRunEnd&)> run_ended = {};
};

// How far the sweep came.
struct SweepResult {
  int64_t levels_run = 0;  // that were handed to level_ended
  bool interrupted = false;
  std::string refusal;               // what it said when the endpoint refused: "HTTP 401: …"; or empty
  std::string last_failure;          // one line about the latest failure; empty when nothing failed
  std::vector<std::string> skipped;  // keys of levels of which no run has begun, and why:
  std::string skip_reason;           // "interrupted", "the endpoint refuses …"; or empty
};

// Blocks until the last request has ended. Each run goes through ExecuteRun, with the transport's statistics
// counted anew and ids that never repeat in the sweep.
//
// The context's sinks receive every record, warm-ups under their phase. They hear of one finish line only,
// when everything has ended, with the reason of the last run: a sweep is no race, and what a run's line would
// mark (requests that were still in flight) is no part of its figures, for a level is judged when all its
// requests have ended. After an error they hear of none, as of a run that was killed. The context's
// own progress callback is not used.
//
// A control that asks to stop ends the run at hand; the level so far is handed to level_ended, the rest is
// skipped. So it is when the endpoint refuses the requests of a run (StopReason::kRefused) or all of a
// warm-up (IsRefusal). Errors are those of the configuration, the steps and ExecuteRun.
absl::StatusOr<SweepResult> RunSweep(const SweepConfig& config, const SweepSteps& steps,
                                     const RunContext& context);

}  // namespace llmdyno
