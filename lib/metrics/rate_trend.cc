#include "llmdyno/metrics/rate_trend.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "metrics/probability.h"

namespace llmdyno {
namespace {

// Beyond it a series of these lengths cannot be told from one that drifts.
constexpr double kMostCorrelation = 0.95;

double MeanOf(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Of neighbours. Whatever was fitted makes the plain estimate too small by about `bias` / n, which is put
// right.
double CorrelationOfNeighbours(std::span<const double> residuals, double bias) {
  double squares = 0;
  double products = 0;
  for (size_t i = 0; i < residuals.size(); ++i) {
    squares += residuals[i] * residuals[i];
    if (i > 0) products += residuals[i] * residuals[i - 1];
  }
  if (squares <= 0) return 0;
  const auto n = static_cast<double>(residuals.size());
  return std::clamp((n * products / squares + bias) / (n - 4), 0.0, kMostCorrelation);
}

std::vector<double> WithoutLine(std::span<const double> values) {
  const double mean = MeanOf(values);
  const double middle = (static_cast<double>(values.size()) - 1) / 2;
  double slope = 0;
  double squares_of_time = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double t = static_cast<double>(i) - middle;
    slope += t * (values[i] - mean);
    squares_of_time += t * t;
  }
  slope /= squares_of_time;
  std::vector<double> residuals;
  for (size_t i = 0; i < values.size(); ++i) {
    residuals.push_back(values[i] - mean - slope * (static_cast<double>(i) - middle));
  }
  return residuals;
}

// The step that fits best, a sixth of the series or more from both ends.
std::vector<double> WithoutStep(std::span<const double> values) {
  const size_t margin = values.size() / 6;
  const double sum = MeanOf(values) * static_cast<double>(values.size());
  double before = std::accumulate(values.begin(), values.begin() + static_cast<long>(margin), 0.0);
  double explained = -1;
  size_t place = margin;
  for (size_t k = margin; k + margin <= values.size(); ++k) {
    const auto left = static_cast<double>(k);
    const double right = static_cast<double>(values.size()) - left;
    const double now = before * before / left + (sum - before) * (sum - before) / right;
    if (now > explained) {
      explained = now;
      place = k;
    }
    if (k < values.size()) before += values[k];
  }
  const double low = MeanOf(values.first(place));
  const double high = MeanOf(values.subspan(place));
  std::vector<double> residuals;
  for (size_t i = 0; i < values.size(); ++i) residuals.push_back(values[i] - (i < place ? low : high));
  return residuals;
}

// What is left of the correlation when a drift is taken out, or a step, whichever explains more of it:
// otherwise a rate that fell once and for all would pass for one that strays. The biases are those that
// simulated series without drift or step showed.
double CorrelationBesideTrend(std::span<const double> values) {
  return std::min(CorrelationOfNeighbours(WithoutLine(values), 2),
                  CorrelationOfNeighbours(WithoutStep(values), 6));
}

// How much less a series of that correlation says than an independent one.
double Inflation(double correlation, size_t count) {
  const auto n = static_cast<double>(count);
  double inflation = 1;
  double power = 1;
  for (size_t lag = 1; lag < count; ++lag) {
    power *= correlation;
    inflation += 2 * (1 - static_cast<double>(lag) / n) * power;
  }
  return inflation;
}

// Pairs that rise minus pairs that fall.
double KendallsScore(std::span<const double> values) {
  int64_t score = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = i + 1; j < values.size(); ++j) {
      score += (values[j] > values[i] ? 1 : 0) - (values[j] < values[i] ? 1 : 0);
    }
  }
  return static_cast<double>(score);
}

}  // namespace

std::optional<RateTrend> FindRateTrend(std::span<const double> rates) {
  if (std::ssize(rates) < kFewestStretches) return std::nullopt;
  const size_t third = rates.size() / 3;
  const double first = MeanOf(rates.first(third));
  if (first <= 0) return std::nullopt;
  const auto n = static_cast<double>(rates.size());
  const double inflation = Inflation(CorrelationBesideTrend(rates), rates.size());
  const double score = KendallsScore(rates);
  const double error = std::sqrt(n * (n - 1) * (2 * n + 5) / 18 * inflation);
  // Corrected for continuity: a score of one pair is none.
  const double t = std::max(0.0, std::abs(score) - 1) / error;
  const double degrees = std::max(1.0, n / inflation - 2);
  return RateTrend{.change = MeanOf(rates.last(third)) / first - 1,
                   .p_value = StudentTwoSided(t, degrees),
                   .stretches = std::ssize(rates)};
}

}  // namespace llmdyno
