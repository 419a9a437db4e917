#include "llmdyno/metrics/distribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "llmdyno/metrics/confidence.h"

namespace llmdyno {

double QuantileOfSorted(std::span<const double> sorted, double p) {
  const double rank = static_cast<double>(sorted.size() - 1) * std::clamp(p, 0.0, 1.0);
  const auto below = static_cast<size_t>(rank);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double fraction = rank - static_cast<double>(below);
  return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
}

bool IsThinFor(int64_t n, double p) {
  // The small allowance makes 100 samples enough for p99: 1 - 0.99 is a hair above 0.01.
  return static_cast<double>(n) * std::min(p, 1 - p) < 1 - 1e-9;
}

void Distribution::Add(double value) {
  if (!samples_.empty() && value < samples_.back()) is_sorted_ = false;
  samples_.push_back(value);
  mean_interval_.reset();
  AddToBatch(value);
}

void Distribution::AddToBatch(double value) {
  constexpr size_t kMostBatches = 128;  // enough to see what neighbours have in common
  const bool is_full = (n() - 1) % batch_size_ == 0;
  if (is_full && batch_sums_.size() == kMostBatches) {
    for (size_t i = 0; i < kMostBatches / 2; ++i)
      batch_sums_[i] = batch_sums_[2 * i] + batch_sums_[2 * i + 1];
    batch_sums_.resize(kMostBatches / 2);
    batch_size_ *= 2;
  }
  if ((n() - 1) % batch_size_ == 0) batch_sums_.push_back(0);
  batch_sums_.back() += value;
}

void Distribution::Merge(const Distribution& other) {
  samples_.reserve(samples_.size() + other.samples_.size());
  knows_order_ = knows_order_ && other.knows_order_ && !other.was_sorted_;
  for (const double value : std::vector<double>(other.samples_)) Add(value);
}

void Distribution::Sort() {
  if (!is_sorted_) std::sort(samples_.begin(), samples_.end());
  is_sorted_ = true;
  was_sorted_ = true;
  if (!mean_interval_) mean_interval_ = MeanInterval();
}

std::optional<Interval> Distribution::MeanInterval() const {
  if (mean_interval_ || !knows_order_) return mean_interval_;
  constexpr int64_t kFew = 20;
  if (n() < kFew) return StudentInterval(samples_);
  std::vector<double> counts(batch_sums_.size(), static_cast<double>(batch_size_));
  counts.back() = static_cast<double>(n() - batch_size_ * (std::ssize(batch_sums_) - 1));
  const auto found = BootstrapRatio(batch_sums_, counts, {.resamples = 500});
  return found ? std::optional(found->interval) : std::nullopt;
}

double Distribution::Sum() const { return std::accumulate(samples_.begin(), samples_.end(), 0.0); }

std::optional<double> Distribution::Mean() const {
  if (empty()) return std::nullopt;
  return Sum() / static_cast<double>(n());
}

std::optional<double> Distribution::StandardDeviation() const {
  if (n() < 2) return std::nullopt;
  const double mean = *Mean();
  // Two passes: sums of squares would lose the digits of a small spread around a large mean.
  double squares = 0;
  for (const double value : samples_) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(n() - 1));
}

std::optional<double> Distribution::Min() const {
  if (empty()) return std::nullopt;
  return *std::min_element(samples_.begin(), samples_.end());
}

std::optional<double> Distribution::Max() const {
  if (empty()) return std::nullopt;
  return *std::max_element(samples_.begin(), samples_.end());
}

std::optional<double> Distribution::Quantile(double p) const {
  if (empty()) return std::nullopt;
  if (is_sorted_) return QuantileOfSorted(samples_, p);
  std::vector<double> sorted(samples_);
  std::sort(sorted.begin(), sorted.end());
  return QuantileOfSorted(sorted, p);
}

std::optional<Interval> Distribution::QuantileInterval(double p) const {
  std::vector<double> sorted;
  if (!is_sorted_) {
    sorted = samples_;
    std::sort(sorted.begin(), sorted.end());
  }
  const QuantileBounds bounds = BoundQuantile(is_sorted_ ? samples_ : sorted, p);
  if (!bounds.low || !bounds.high) return std::nullopt;
  return Interval{*bounds.low, *bounds.high};
}

}  // namespace llmdyno
