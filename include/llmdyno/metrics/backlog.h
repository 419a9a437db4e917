// Did the endpoint keep pace with an offered load, or did a queue grow?
//
// Above its capacity an endpoint need not fail a single request: it answers later and later. Over a window of
// a minute that looks like success; the number of requests in flight tells, and how latency rises. Levels of
// QPS benchmarks and trials of a capacity search are judged by it; formulas: docs/metrics.md, "Did a queue
// grow?".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

// What the second half of the send window shows; the first half belongs to the filling up.
struct BacklogTrend {
  Duration window{};  // first due -> last due
  // Schedule -> end, of the successes that were due in the first half. Empty without one.
  std::optional<Duration> median_latency;

  // Requests due and not yet ended: the slope of a straight line, beyond what the filling up explains.
  // Requests per second; negative while it shrinks. What it explains is computed from the instants at which
  // requests were due and from how long those of the first half took.
  double growth_per_second = 0;
  // Of growth_per_second: its standard error, from how latencies of the first half scatter or, if that is
  // more, from how far the rise is from a straight line.
  double growth_error = 0;
  // growth_per_second as a share of the rate at which requests were due in that half: 0.05 means that of a
  // hundred requests five stayed behind.
  double growth_share = 0;
  // Successes that ended in that half, per second: while a queue grows, what the endpoint can do at most.
  double successes_per_second = 0;
  double mean_in_flight = 0;  // in that half

  // How fast waiting rises: the slope of the latency from the schedule over the schedule, seconds per second,
  // of the successes due in that half; the larger of that of the time to the first token and that of the
  // whole answer. Beyond capacity it is load / capacity - 1, and it shows sooner than the count. Zero unless
  // it stands out of its own noise (four standard errors of a line through the medians of ten groups, so that
  // a stall of some seconds is no rise).
  double latency_growth = 0;
  double first_token_growth = 0;  // that of the time to the first token alone; zero without streams
};

// A RecordSink for the records of one level. Memory: 40 bytes per request. Thread-compatible.
class BacklogMeter final : public RecordSink {
 public:
  void OnRecord(const RequestRecord& record) override;
  // Nothing when the window is too short to have a second half: fewer than ten requests, or all due at once.
  std::optional<BacklogTrend> Trend() const;

 private:
  struct Request {
    TimePoint due;
    TimePoint ended;
    std::optional<Duration> first_token;  // from the schedule
    bool succeeded = false;
  };
  std::vector<Request> requests_;
};

// Where a growing queue begins: above one of these.
struct BacklogLimits {
  // Of a hundred requests at most this share may stay behind for good.
  double max_growth_share = 0.02;
  // Seconds by which waiting may rise in every second.
  double max_latency_growth = 0.01;
  // In a window of less than twenty median latencies both are wider: an engine that slows down with the
  // requests in flight is still coming to rest there, at loads that it sustains.
};

// Whether a queue grew, or why that cannot be told.
struct BacklogJudgement {
  bool queue_grew = false;
  // No growth was seen, but it need not have shown: the window is shorter than two median latencies.
  bool too_short = false;
  // Which of the two, with its figures: "a queue grew (answers came later by 310 ms in every second)", "too
  // short to tell whether a queue grew: ...". Empty when neither is true.
  std::string sentence;
};

// The rule for levels of a benchmark and for trials of a capacity search. While an endpoint fills up, the
// count rises and answers slow down at any load; so in a window that is too short only a first token that
// comes later and later is believed (docs/metrics.md, "Did a queue grow?").
BacklogJudgement JudgeBacklog(const BacklogTrend& trend, const BacklogLimits& limits = {});

}  // namespace llmdyno
