// How the gaps between tokens are distributed, in constant memory: a run has millions of them.
//
// Bins grow with the value: each power of two nanoseconds is cut into 128 equal parts, so a quantile is at
// most 0.8 % off. The mean, the smallest and the largest gap are exact. Metrics are made of it, reports read
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

// Resolves gaps from 1 us to 1 h; shorter ones share one bin (quantiles there are off by up to 1 us), longer
// ones another. About 32 KB once something was added. Mergeable; thread-compatible.
class GapHistogram {
 public:
  // The relative error of Quantile between kSmallest and kLargest.
  static constexpr double kRelativeError = 1.0 / 128;
  static constexpr Duration kSmallest = std::chrono::microseconds(1);
  static constexpr Duration kLargest = std::chrono::hours(1);

  // `count` equal gaps that together took `total`. Needs count > 0; a negative total counts as none.
  void Add(Duration total, int64_t count = 1);
  // Takes the other's gaps as well.
  void Merge(const GapHistogram& other);

  int64_t n() const { return n_; }
  bool empty() const { return n_ == 0; }
  // Exact; empty without gaps, as are the three below.
  std::optional<Duration> Mean() const;
  // The smallest gap that was added, exactly.
  std::optional<Duration> Min() const;
  // The largest gap that was added, exactly.
  std::optional<Duration> Max() const;
  // The same definition as Distribution::Quantile, on binned values.
  std::optional<Duration> Quantile(double p) const;
  // Whether Quantile(p) rests on too few gaps (IsThinFor).
  bool IsThin(double p) const;

 private:
  Duration ValueAtRank(int64_t rank) const;

  std::vector<int64_t> bins_;  // empty until the first Add
  int64_t n_ = 0;
  int64_t sum_ns_ = 0;
  int64_t min_ns_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace llmdyno
