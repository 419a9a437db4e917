// All values of one metric, one per request: counts, moments and percentiles with their doubt.
//
// Samples are kept exactly (eight bytes each); a run has thousands of requests, not billions. For what has a
// value per token there is GapHistogram. Metrics are made of it, reports read it.
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

// Both ends, in the unit of what it is an interval of.
struct Interval {
  double low = 0;
  double high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// A mergeable bag of samples. Everything that needs a sample is empty when there is none. Thread-compatible.
class Distribution {
 public:
  // Takes one more sample; it must be finite.
  void Add(double value);
  // Takes the other's samples behind its own.
  void Merge(const Distribution& other);
  // Makes the quantiles that follow cheap; without it each of them sorts a copy.
  void Sort();

  int64_t n() const { return static_cast<int64_t>(samples_.size()); }
  bool empty() const { return samples_.empty(); }
  // 0 without samples.
  double Sum() const;
  // Sum / n.
  std::optional<double> Mean() const;
  std::optional<double> StandardDeviation() const;  // of a sample (n - 1); needs two
  // The smallest sample.
  std::optional<double> Min() const;
  // The largest sample.
  std::optional<double> Max() const;
  // As QuantileOfSorted has it; p is clamped to [0, 1].
  std::optional<double> Quantile(double p) const;
  // Where the quantile lies with 95 % confidence, by order statistics of exact binomial ranks. Nothing when
  // the samples are too few for both ends to exist; BoundQuantile (confidence.h) has one end then.
  std::optional<Interval> QuantileInterval(double p) const;
  // Where the mean lies with 95 % confidence. Samples are taken to have been added in the order of time, so
  // that those that are alike for being neighbours count for less: by Student's t below 20 samples, by a
  // seeded bootstrap of blocks from there on (confidence.h). Nothing below two samples, and after merging
  // with one that had been sorted. Sort computes it once; without it each call does.
  std::optional<Interval> MeanInterval() const;
  // Whether Quantile(p) rests on too few samples (IsThinFor).
  bool IsThin(double p) const { return IsThinFor(n(), p); }

  // In the order added, or ascending after Sort.
  std::span<const double> samples() const { return samples_; }

 private:
  void AddToBatch(double value);

  std::vector<double> samples_;
  bool is_sorted_ = true;
  // Sums of so many successive samples each (the last one of fewer): what is known of their order after Sort.
  std::vector<double> batch_sums_;
  int64_t batch_size_ = 1;
  bool knows_order_ = true;
  bool was_sorted_ = false;
  std::optional<Interval> mean_interval_;  // set by Sort
};

}  // namespace llmdyno
