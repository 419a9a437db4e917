// How fast an endpoint was while it was busy: the rate in the window in which nearly all requests were being
// answered, beside the rate of the whole run with its filling up and running dry.
//
// One definition for open and closed loops (docs/metrics.md, "Steady state"). The time from the first send to
// the last end is cut into buckets of 50 ms. A request is active from its first text to its end. The window
// reaches from the first to the last bucket with at least `threshold` times the peak of active requests;
// buckets in between that are emptier, or have no token at all, stay in it, for a stall is part of the truth.
// Only successes count. Of an answer that was not streamed nobody knows when it was generated: its tokens are
// all at its end, and it is never active. Reports of levels and sweeps read it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

// How coarse the time is cut, and where the window begins.
struct SteadyStateConfig {
  Duration bucket = std::chrono::milliseconds(50);
  double threshold = 0.8;  // share of the peak of active requests; above 0, at most 1
  // Requests do not end in the order in which they were sent, and buckets count from the first send. So
  // arrivals are kept as they came, five bytes each, until Build. When that takes more memory than this, the
  // oldest go into buckets counted from the earliest send that is known by then; if an earlier one turns up
  // later, the first bucket begins before the first send, by less than a bucket.
  int64_t max_kept_bytes = int64_t{16} << 20;

  // InvalidArgument with the first problem: a bucket below 1 ms, a threshold that is not above 0 and at most
  // 1, max_kept_bytes below 0.
  absl::Status Validate() const;
};

struct SteadyState {
  Duration bucket{};
  // Per bucket, from the first send on. Tokens: each arrival weighs its tokens, scaled so that a request's
  // arrivals add up to its output tokens.
  std::vector<double> tokens;
  std::vector<double> active;  // requests, averaged over the bucket's time
  double peak_active = 0;      // of `active`

  double whole_tokens_per_second = 0;  // over all buckets' time, the last one's as far as it was used
  // The window; absent when no request was ever active.
  std::optional<int64_t> first_bucket;
  std::optional<int64_t> last_bucket;              // included
  std::optional<Duration> window_start;            // from the first send
  std::optional<Duration> window;                  // its time, the last bucket's as far as it was used
  std::optional<double> window_tokens_per_second;  // tokens in the window / its time
  // Of its buckets, empty ones included; one that was used in part counts only when it is the only one.
  std::optional<double> median_bucket_tokens_per_second;
};

// A RecordSink: feed it the records of one run; it leaves out warm-ups and failures. Memory: see
// max_kept_bytes, and 16 bytes per bucket. A run of more than 1,728,000 buckets (a day) is cut there.
// Thread-compatible.
class SteadyStateMeter final : public RecordSink {
 public:
  // Needs a valid configuration.
  explicit SteadyStateMeter(SteadyStateConfig config = {});
  ~SteadyStateMeter() override;
  // What was moved from may be assigned to or destroyed.
  SteadyStateMeter(SteadyStateMeter&&) noexcept;
  SteadyStateMeter& operator=(SteadyStateMeter&&) noexcept;

  void OnRecord(const RequestRecord& record) override;
  // Nothing when no request succeeded, or no time passed. May be called at any time and again.
  std::optional<SteadyState> Build() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace llmdyno
