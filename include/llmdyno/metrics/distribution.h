// All values of one metric, one per request: counts, moments and percentiles with their doubt.
//
// Samples are kept exactly (eight bytes each); a run has thousands of requests, not billions. For what has a
// value per token there is GapHistogram.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace llmdyno {

// The definition of a percentile used everywhere: the value at rank (n - 1) * p of the sorted samples, with
// linear interpolation between neighbours (numpy's default, method "linear"; docs/metrics.md, "Percentiles").
// Needs a sorted, non-empty span; p is clamped to [0, 1].
double QuantileOfSorted(std::span<const double> sorted, double p);

// True when n samples say little about quantile p: fewer than one of them is expected beyond it. So p99 is
// thin below 100 samples, p95 below 20, p50 below 2.
bool IsThinFor(int64_t n, double p);

struct Interval {
  double low = 0;
  double high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// A mergeable bag of samples. Everything that needs a sample is empty when there is none. Thread-compatible.
class Distribution {
 public:
  void Add(double value);
  void Merge(const Distribution& other);
  // Makes the quantiles that follow cheap; without it each of them sorts a copy.
  void Sort();

  int64_t n() const { return static_cast<int64_t>(samples_.size()); }
  bool empty() const { return samples_.empty(); }
  double Sum() const;
  std::optional<double> Mean() const;
  std::optional<double> StandardDeviation() const;  // of a sample (n - 1); needs two
  std::optional<double> Min() const;
  std::optional<double> Max() const;
  std::optional<double> Quantile(double p) const;
  // Where the quantile lies with about 95 % confidence: order statistics at ranks n*p -+ 1.96
  // sqrt(n*p*(1-p)). Nothing when the samples are too few for both ends to exist.
  std::optional<Interval> QuantileInterval(double p) const;
  bool IsThin(double p) const { return IsThinFor(n(), p); }

  // In the order added, or ascending after Sort.
  std::span<const double> samples() const { return samples_; }

 private:
  std::vector<double> samples_;
  bool is_sorted_ = true;
};

}  // namespace llmdyno
