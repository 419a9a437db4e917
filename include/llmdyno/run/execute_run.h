// Makes a run happen: asks the load model when and the source what, sends through the transport, assembles
// records, judges the stop condition, draws the finish line, drains. Apps call it; a tool with a loop of its
// own uses Run. Used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/net/transport.h"
#include "llmdyno/run/run_control.h"
#include "llmdyno/run/run_plan.h"
#include "llmdyno/run/run_progress.h"

namespace llmdyno {

// Everything effectful, replaceable one by one: a simulated clock and transport make a test of ten minutes
// take fifty milliseconds. All of it must outlive the run.
struct RunContext {
  const Clock& clock;
  // At least one. With one, everything happens on the caller's thread. Each of several gets a thread of its
  // own (a shard) that sends, receives and decodes; load model, source, sinks and callbacks stay on the
  // caller's. What is sent, and in which order, is the same for any number. Several need a clock that
  // several threads may read.
  std::vector<Transport*> transports;
  RunControl& control;
  std::vector<RecordSink*> sinks;
  ProgressCallback on_progress;  // may be empty
  Duration progress_interval = std::chrono::seconds(5);
  Diagnostics diagnostics;
};

// What a thread had of the processors between the start and the finish line.
struct ThreadUsage {
  Duration cpu_time{};
  // For how long it was ready to run while its processor had other work; absent where the kernel does not
  // tell (/proc/self/task/TID/schedstat).
  std::optional<Duration> run_queue_wait;
};

// One transport and the thread that drove it.
struct ShardResult {
  int64_t requests = 0;  // that it sent
  ThreadUsage thread;
  TransportStats transport;  // of this run, drain included
  // Of finished records, how long they waited for the thread of the sinks; zero with one shard. What keeps
  // it from them is a sink that is slow.
  Duration hand_over_lag_max{};
};

// How a run went, apart from its requests: those are in the records.
struct RunResult {
  StopReason stop_reason = StopReason::kTargetRequests;
  TimePoint started_at;
  std::optional<TimePoint> first_sent_at;        // absent when nothing was sent
  std::optional<TimePoint> last_sent_at;         // likewise
  std::optional<TimePoint> last_due_at;          // when the load model wanted that last one sent
  std::optional<TimePoint> all_users_active_at;  // the end of the ramp; absent when it was not reached
  TimePoint finish_line;
  TimePoint drained_at;        // when the last request in flight had ended
  RunTotals totals;            // as at the finish line
  int64_t requests_drawn = 0;  // from the source: the ids that may have been used
  int64_t in_flight_at_line = 0;
  int64_t cancelled_in_drain = 0;
  int64_t peak_in_flight = 0;
  std::optional<int64_t> dimension;      // of the vectors of this run
  std::vector<ShardResult> shards;       // in the order of the transports
  std::optional<ThreadUsage> decisions;  // of the thread of load model and sinks, when it is none of these
  // How busy the cores were that this process may use, with whatever work, from the start to the finish line;
  // 0 to 1, absent where the kernel does not tell.
  std::optional<double> cores_busy_share;
  std::string last_failure;  // one line about the latest failed request; may be empty
};

// Runs on the caller's thread and returns when the last request has ended. The sinks have received every
// record by then; closing them is the caller's. An error means that nothing could be sent at all (the dialect
// cannot carry the source's requests); whatever the endpoint does is in the records. InvalidArgument for a
// plan without source, load model or dialect or with limits out of range, or a context without a transport.
absl::StatusOr<RunResult> ExecuteRun(RunPlan& plan, const RunContext& context);

}  // namespace llmdyno
