// When a run has done enough. Judged by the run loop, so no load model knows about it. Plain values and pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/outcome.h"

namespace llmdyno {

// Why a run drew its finish line.
enum class StopReason {
  kTargetTokens,         // the output tokens asked for have arrived
  kTargetRequests,       // the requests asked for have ended
  kDuration,             // the time asked for is over
  kSourceExhausted,      // the workload has no more requests
  kMaxDuration,          // the safety limit: the target was not reached in time
  kConsecutiveFailures,  // the endpoint does not work
  kRefused,              // the endpoint does not take requests such as these
  kDrainDeadline,        // all requests were sent, but not all ended in the time given to them
  kInterrupted,          // the caller asked to stop
  kPluginFault,          // something that a plugin brought misbehaved (llmdyno/catalog/plugin_monitor.h)
};
// The spelling in files: "target_tokens", "target_requests", "duration", …
std::string_view ToString(StopReason reason);

// Whether the run was stopped from outside before it had done what it was to do: by its caller, or for a
// plugin.
constexpr bool IsCut(StopReason reason) {
  return reason == StopReason::kInterrupted || reason == StopReason::kPluginFault;
}

// What has happened so far in the measured phase.
struct RunTotals {
  TimePoint now;
  TimePoint started_at;
  int64_t output_tokens = 0;  // as they arrive, reconciled when a request ends
  int64_t requests_issued = 0;
  int64_t requests_ended = 0;
  int64_t requests_ok = 0;
  int64_t consecutive_failures = 0;  // since the last success
  int64_t refusals_at_start = 0;     // the first requests to end, up to the first that was no refusal
  std::optional<TimePoint> all_issued_at = {};  // when the last request was sent, once no more will be
};

// Whether a request failed in a way that repeating it cannot mend: HTTP 400, 401, 403, 404, 405 and 422, a
// host name that does not resolve, a TLS handshake that fails.
bool IsRefusal(const Outcome& outcome);

// Each limit is optional; the first one met ends the run.
struct StopCondition {
  std::optional<int64_t> output_tokens = {};
  std::optional<int64_t> requests = {};  // issued exactly; the run ends when all of them have ended
  std::optional<Duration> duration = {};
  std::optional<Duration> max_duration = {};  // safety limit, reported as a failure to reach the target
  // Before the first success a few failures in a row show that the endpoint does not work at all; afterwards
  // it takes many.
  std::optional<int64_t> consecutive_failures_at_start = 10;
  std::optional<int64_t> consecutive_failures = 100;
  // When the first requests to end were all refusals (IsRefusal): the address, the key or the body is wrong,
  // and no load will change that. For runs whose subject is failure, with the two limits above lifted.
  std::optional<int64_t> refusals_at_start = {};
  // How long requests may take to end after the last one was sent. What is in flight then is drained as at
  // any finish line, that is cancelled at once with a drain timeout of 0.
  std::optional<Duration> settle = {};

  // InvalidArgument with the first problem, naming the field: a count below 1 or a time that is not above
  // zero.
  absl::Status Validate() const;
  // True while another request may be sent without overshooting `requests`.
  bool MayIssue(const RunTotals& totals) const;
  // Of several limits met at once: output tokens, then refusals, failures, requests, duration, max_duration,
  // settle.
  std::optional<StopReason> Judge(const RunTotals& totals) const;
  // The earliest instant at which a limit of time will be met, so that the loop wakes for it.
  TimePoint Deadline(const RunTotals& totals) const;
};

}  // namespace llmdyno
