#include "llmdyno/metrics/confidence.h"

#include <algorithm>
#include <cmath>

#include "metrics/binomial_ranks.h"
#include "metrics/probability.h"

namespace llmdyno {
namespace {

double Square(double value) { return value * value; }

double MeanOf(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Around the mean, over n - 1. Needs two.
double VarianceOf(std::span<const double> values) {
  const double mean = MeanOf(values);
  double squares = 0;
  for (const double value : values) squares += Square(value - mean);
  return squares / static_cast<double>(values.size() - 1);
}

// Adds the components of the one-way analysis of variance. Needs two runs and a sample in each.
void AddComponents(std::span<const std::vector<double>> runs, Spread& spread) {
  const auto k = static_cast<double>(spread.runs);
  const auto n = static_cast<double>(spread.samples);
  if (n <= k) return;
  double grand_sum = 0;
  double sizes_squared = 0;
  double within = 0;
  for (const std::vector<double>& run : runs) {
    if (run.empty()) continue;
    grand_sum += MeanOf(run) * static_cast<double>(run.size());
    sizes_squared += Square(static_cast<double>(run.size()));
    if (run.size() > 1) within += VarianceOf(run) * static_cast<double>(run.size() - 1);
  }
  double between = 0;
  for (const std::vector<double>& run : runs) {
    if (!run.empty()) between += static_cast<double>(run.size()) * Square(MeanOf(run) - grand_sum / n);
  }
  const double mean_square_within = within / (n - k);
  const double mean_square_between = between / (k - 1);
  const double typical_size = (n - sizes_squared / n) / (k - 1);  // with runs of unequal size
  const double variance_between = std::max(0.0, (mean_square_between - mean_square_within) / typical_size);
  spread.within_standard_deviation = std::sqrt(mean_square_within);
  spread.between_standard_deviation = std::sqrt(variance_between);
  const double total = variance_between + mean_square_within;
  if (total > 0) spread.intraclass_share = variance_between / total;
}

}  // namespace

QuantileBounds BoundQuantile(std::span<const double> sorted, double p, double confidence) {
  const auto n = static_cast<double>(sorted.size());
  if (sorted.empty()) return {};
  const double tail = (1 - confidence) / 2;
  QuantileBounds bounds;
  double missed = 0;
  if (const auto rank = LowRank(n, p, tail)) {
    const double whole = std::floor(*rank + 1e-9);
    bounds.low = sorted[static_cast<size_t>(whole) - 1];
    missed += BinomialCdf(whole - 1, n, p);
  }
  if (const auto rank = HighRank(n, p, tail)) {
    const double whole = std::ceil(*rank - 1e-9);
    bounds.high = sorted[static_cast<size_t>(whole) - 1];
    missed += 1 - BinomialCdf(whole - 1, n, p);
  }
  if (bounds.low || bounds.high) bounds.confidence = 1 - missed;
  return bounds;
}

std::optional<Interval> StudentInterval(std::span<const double> values, double confidence) {
  if (values.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  const double reach = StudentQuantile((1 + confidence) / 2, n - 1) * std::sqrt(VarianceOf(values) / n);
  const double mean = MeanOf(values);
  return Interval{mean - reach, mean + reach};
}

std::optional<Spread> SpreadOfValues(std::span<const double> values) {
  const auto interval = StudentInterval(values);
  if (!interval) return std::nullopt;
  Spread spread;
  spread.runs = spread.samples = static_cast<int64_t>(values.size());
  spread.mean = MeanOf(values);
  spread.run_standard_deviation = std::sqrt(VarianceOf(values));
  spread.mean_ci95 = *interval;
  return spread;
}

std::optional<Spread> SpreadOverRuns(std::span<const std::vector<double>> runs) {
  std::vector<double> means;
  int64_t samples = 0;
  for (const std::vector<double>& run : runs) {
    if (run.empty()) continue;
    means.push_back(MeanOf(run));
    samples += static_cast<int64_t>(run.size());
  }
  std::optional<Spread> spread = SpreadOfValues(means);
  if (!spread) return std::nullopt;
  spread->samples = samples;
  AddComponents(runs, *spread);
  return spread;
}

}  // namespace llmdyno
