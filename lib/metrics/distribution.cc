#include "llmdyno/metrics/distribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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
}

void Distribution::Merge(const Distribution& other) {
  samples_.reserve(samples_.size() + other.samples_.size());
  for (const double value : std::vector<double>(other.samples_)) Add(value);
}

void Distribution::Sort() {
  if (!is_sorted_) std::sort(samples_.begin(), samples_.end());
  is_sorted_ = true;
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
  const double mean_rank = static_cast<double>(n()) * p;
  const double spread = 1.96 * std::sqrt(static_cast<double>(n()) * p * (1 - p));
  // Ranks from 1: the interval is [x_low, x_high] of the order statistics.
  const auto low = static_cast<int64_t>(std::floor(mean_rank - spread));
  const auto high = static_cast<int64_t>(std::ceil(mean_rank + spread));
  if (low < 1 || high > n()) return std::nullopt;
  std::vector<double> sorted(samples_);
  if (!is_sorted_) std::sort(sorted.begin(), sorted.end());
  return Interval{sorted[static_cast<size_t>(low - 1)], sorted[static_cast<size_t>(high - 1)]};
}

}  // namespace llmdyno
