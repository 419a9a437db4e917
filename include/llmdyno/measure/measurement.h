// One run, from its spec to figures and a verdict, for a tool that has a RunSpec and wants to know what comes
// of it.
//
// It does what the apps do around a run: opens the transports, finds out how tokens are counted, reads the
// dataset, warms up, measures, judges. Who wants a part of that to be another (plans of several levels, a
// load model of its own) makes it from MakePlan and Run, as the apps do.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/time.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/core/record.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/metrics/backlog.h"
#include "llmdyno/metrics/client_health.h"
#include "llmdyno/metrics/run_metrics.h"
#include "llmdyno/metrics/serving_metrics.h"
#include "llmdyno/metrics/steady_state.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/net/transport.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/run/run_control.h"
#include "llmdyno/run/run_progress.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

// How far a measurement has come.
struct MeasurementProgress {
  RunPhase phase = RunPhase::kMeasured;  // the warm-up, or what is measured
  RunProgress run;                       // of that phase
};

// What a host may say beside the spec; all of it may be left out. What is pointed to must outlive the
// measurement.
struct MeasurementOptions {
  // Called on the thread that steps, in both phases; must not block for long.
  std::function<void(const MeasurementProgress&)> on_progress = {};
  Duration progress_interval = std::chrono::seconds(1);
  // Where notes and warnings go; by default nowhere. Called on whichever thread noticed.
  Diagnostics diagnostics = {};
  // Receive every record (the warm-up's under its phase) and the finish line. Closing them is the host's.
  std::vector<RecordSink*> sinks = {};
  // Stops this measurement from another thread or a signal handler, even one that Measure() blocks in; null:
  // one of its own. One control serves one measurement.
  RunControl* control = nullptr;
  const Catalog* catalog = nullptr;  // null: what llmdyno brings along
  // For tests in virtual time: both, or neither for libcurl and the system's clock. One transport, one
  // thread.
  const Clock* clock = nullptr;
  Transport* transport = nullptr;
};

// What was measured, and whether it can be trusted.
struct MeasurementResult {
  RunSpec spec;  // as it was run, without the key and the headers
  WallTime started_at;
  RunResult run;  // how it went: why it stopped, when, how many
  // Of a closed loop a race, judged as at its finish line; of an open loop a level, judged when every request
  // had ended, and the same as serving->all (docs/metrics.md).
  RunMetrics metrics;
  std::optional<ServingMetrics> serving;  // of an open loop
  std::optional<BacklogTrend> backlog;    // of an open loop with enough requests
  std::optional<SteadyState> steady;
  ClientHealth health;
  Validity validity;
};

// Used by one thread at a time, its control apart. Several may be under way in one process.
class Measurement {
 public:
  // Opens the transports, asks the endpoint for its tokenizer, reads the dataset and makes the requests that
  // are made beforehand. That blocks: for a round trip or two with synthetic prompts, for as long as counting
  // takes with a dataset. A host whose loop must not stand still calls it on another thread; what it returns
  // may be stepped on any. InvalidArgument and NotFound are about the spec; Unavailable when nothing answers
  // at the endpoint, or this machine refuses sockets.
  static absl::StatusOr<std::unique_ptr<Measurement>> Begin(RunSpec spec, MeasurementOptions options = {});
  // Ends what is under way; what was in flight is cancelled.
  virtual ~Measurement() = default;

  // Does what is due in the warm-up or the run, then waits until something happens, but not beyond `deadline`
  // (an instant of clock()); one that is past means: do not wait. False once it is over, for better or worse.
  // Who does not call it for long sends late and reads late, and the verdict says so.
  virtual bool Step(TimePoint deadline) = 0;

  // How far the phase that is under way has come; of nothing yet before the first Step.
  virtual MeasurementProgress Progress() const = 0;

  // What may stop it at any time, from any thread.
  virtual RunControl& control() = 0;
  // The clock that the measurement runs on: the system's, unless the options named another.
  virtual const Clock& clock() const = 0;

  // The figures and the verdict. One that is not over is aborted first; its figures are of what there was.
  // Unavailable when the warm-up gave up; otherwise what the endpoint did is in the result, whatever it did.
  // Asking again gives the same.
  virtual absl::StatusOr<MeasurementResult> Finish() = 0;

 protected:
  Measurement() = default;
};

// Begin, Step until it is over, Finish. Blocks.
absl::StatusOr<MeasurementResult> Measure(RunSpec spec, MeasurementOptions options = {});

}  // namespace llmdyno
