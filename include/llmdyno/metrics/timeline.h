// Tokens over time, in bins of 100 ms: what the peak and the throughput of a part of the run are computed
// from. Metrics builders use it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

// Bins are aligned to the monotonic clock, so the timelines of several shards can be merged. 80 bytes per
// second of the run. Thread-compatible.
class Timeline {
 public:
  static constexpr Duration kBin = std::chrono::milliseconds(100);
  static constexpr Duration kPeakWindow = std::chrono::seconds(10);

  // Tokens may be a fraction: an event's share of a count that is known only for the whole response.
  void Add(TimePoint at, double tokens);
  // Adds the other's tokens, each at its instant.
  void Merge(const Timeline& other);

  double total() const { return total_; }
  // Tokens before the instant; the bin that it cuts counts in proportion.
  double TokensBefore(TimePoint at) const;
  // Tokens per second of the best 10 s, all positions in steps of a bin tried, and of the whole run of length
  // `elapsed` if that is better (tokens bunched at both ends) or shorter than 10 s. So it is never below the
  // average. Nothing unless elapsed > 0.
  std::optional<double> PeakPerSecond(Duration elapsed) const;
  // Tokens per second of successive stretches of `stretch` (rounded up to a multiple of kBin) from the bin
  // that contains `from`, as many as end by `until`.
  std::vector<double> RatesBetween(TimePoint from, TimePoint until, Duration stretch) const;
  // Tokens in the fullest of the buckets of length `bucket` (a multiple of kBin) that follow one another from
  // `from`; the first begins with the bin that contains `from`, so up to a bin early. 0 without tokens.
  double FullestBucket(TimePoint from, Duration bucket) const;

 private:
  // A stretch of ten days; what lies outside counts in the total and nowhere else.
  static constexpr int64_t kMaxBins = 8'640'000;

  void AddToBin(int64_t bin, double tokens);

  std::vector<double> bins_;
  int64_t first_bin_ = 0;  // number of bins_[0], counted from the clock's origin
  double total_ = 0;
};

}  // namespace llmdyno
