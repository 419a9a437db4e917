// Tokens and active requests over time, in buckets that count from an origin: what a steady state is found
// in.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/arrival_log.h"
#include "llmdyno/metrics/steady_state.h"

namespace llmdyno {

// What a steady state needs to know of one success.
struct AnswerTimes {
  TimePoint sent_at;
  std::optional<TimePoint> first_text_at;  // absent when it was not streamed: it is never active
  TimePoint ended_at;
  double output_tokens = 0;
  ArrivalLog arrivals;  // empty: all tokens at the end
};

// 16 bytes per bucket; what lies beyond kMaxBuckets is left out. Thread-compatible.
class TokenBuckets {
 public:
  static constexpr int64_t kMaxBuckets = 1'728'000;  // a day of 50 ms

  // Needs width > 0.
  TokenBuckets(TimePoint origin, Duration width) : origin_(origin), width_(width) {}

  // An answer that was sent before the origin moves it back by whole buckets.
  void Add(const AnswerTimes& answer);
  // Needs first_send_at < last_end_at, and both as told to Add.
  SteadyState Judge(TimePoint first_send_at, TimePoint last_end_at, double threshold) const;

 private:
  void MoveOriginBefore(TimePoint at);
  // Nothing beyond the last possible bucket.
  std::optional<size_t> IndexOf(TimePoint at);
  void AddTokens(TimePoint at, double tokens);
  void AddActivity(TimePoint from, TimePoint to);

  TimePoint origin_;
  Duration width_;
  std::vector<double> tokens_;
  std::vector<int64_t> active_ns_;  // summed over requests; whole numbers, so nothing is lost to rounding
};

}  // namespace llmdyno
