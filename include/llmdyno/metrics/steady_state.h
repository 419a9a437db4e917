// How fast an endpoint was while it was busy: the rate in the window in which nearly all requests were being
// answered, beside the rate of the whole run with its filling up and running dry.
//
// One definition for open and closed loops (docs/metrics.md, "Steady state"). The time from the first send to
// the last end is cut into buckets of 50 ms. A request is active from its first text to its end. The window
// reaches from the first to the last bucket with at least `threshold` times the peak of active requests;
// buckets in between that are emptier, or have no token at all, stay in it, for a stall is part of the truth.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

struct SteadyStateConfig {
  Duration bucket = std::chrono::milliseconds(50);
  double threshold = 0.8;  // share of the peak of active requests; above 0, at most 1

  absl::Status Validate() const;
};

struct SteadyState {
  Duration bucket{};
  // Per bucket, from the first send on. Tokens: each arrival weighs its tokens, scaled so that a request's
  // arrivals add up to its output tokens; a request that was not streamed has all of them at its end.
  std::vector<double> tokens;
  std::vector<double> active;  // requests, averaged over the bucket's time
  double peak_active = 0;      // of `active`

  double whole_tokens_per_second = 0;  // over all buckets' time, the last one's as far as it was used
  // The window; absent when no request was ever active.
  std::optional<int64_t> first_bucket;
  std::optional<int64_t> last_bucket;                     // included
  std::optional<double> window_tokens_per_second;         // tokens in the window / its time
  std::optional<double> median_bucket_tokens_per_second;  // of its buckets, empty ones included
};

// A RecordSink: feed it measured records of one run; it leaves out warm-ups and failures. Memory: 16 bytes
// per bucket. A run of more than a day is cut there. Thread-compatible.
class SteadyStateMeter final : public RecordSink {
 public:
  explicit SteadyStateMeter(SteadyStateConfig config = {});
  void OnRecord(const RequestRecord& record) override;
  // Nothing when no request succeeded.
  std::optional<SteadyState> Build() const;

 private:
  void Spread(TimePoint from, TimePoint to);
  void AddTokens(TimePoint at, double tokens);
  size_t BucketOf(TimePoint at);

  SteadyStateConfig config_;
  std::optional<TimePoint> first_send_;
  std::optional<TimePoint> last_end_;
  std::vector<double> tokens_;
  std::vector<double> active_;  // seconds of activity in each bucket
};

}  // namespace llmdyno
