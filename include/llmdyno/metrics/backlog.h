// Did the endpoint keep pace with an offered load, or did a queue grow?
//
// Above its capacity an endpoint need not fail a single request: it answers later and later. Over a window of
// a minute that looks like success; the number of requests in flight tells.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

struct BacklogTrend {
  // Requests due and not yet ended, straight line through the second half of the send window (the first half
  // belongs to the filling up). Requests per second; negative while it shrinks.
  double growth_per_second = 0;
  // The same as a share of the rate at which requests were due in that half: 0.05 means that of a hundred
  // requests five stayed behind.
  double growth_share = 0;
  // Successes that ended in that half, per second: while a queue grows, what the endpoint can do at most.
  double successes_per_second = 0;
  double mean_in_flight = 0;  // in that half
  // How fast waiting rises: the slope of the latency from the schedule over the schedule, seconds per second,
  // of the successes due in that half; the larger of that of the time to the first token and that of the
  // whole answer. Beyond capacity it is load / capacity - 1, and it shows sooner than the count. Zero unless
  // it stands out of its own noise (four standard errors of a least-squares line).
  double latency_growth = 0;
};

// A RecordSink for the records of one level. Memory: 56 bytes per request. Thread-compatible.
class BacklogMeter final : public RecordSink {
 public:
  void OnRecord(const RequestRecord& record) override;
  // Nothing when the window is too short to have a second half: fewer than ten requests, or all due at once.
  std::optional<BacklogTrend> Trend() const;

 private:
  std::vector<TimePoint> due_;
  std::vector<TimePoint> ended_;
  std::vector<TimePoint> succeeded_;
  struct Answer {
    TimePoint due;
    double first_token_s = 0;  // from the schedule; that of the whole answer when there is none
    double whole_s = 0;
  };
  std::vector<Answer> answers_;
};

}  // namespace llmdyno
