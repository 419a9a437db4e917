#include "llmdyno/metrics/two_samples.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "metrics/probability.h"
#include "metrics/two_sample_parts.h"

namespace llmdyno {
namespace {

double Square(double value) { return value * value; }

bool BothPositive(const Difference& difference) { return difference.a > 0 && difference.b > 0; }

double Percent(double log_ratio) { return 100 * std::expm1(log_ratio); }

// p of a difference, given how far it is off in errors; an error of 0 leaves no doubt.
double TwoSided(double difference, double error, double degrees) {
  if (error <= 0) return difference == 0 ? 1 : 0;
  return StudentTwoSided(difference / error, degrees);
}

// What is said of a difference with a known error of itself and of the logarithm of the ratio.
void AddErrors(double error, double log_error, double degrees, Difference& difference) {
  const double reach = StudentQuantile((1 + kConfidence) / 2, degrees);
  difference.absolute_ci95 =
      Interval{difference.absolute - reach * error, difference.absolute + reach * error};
  difference.detectable_absolute = (reach + kPowerQuantile) * error;
  difference.p_value = TwoSided(difference.absolute, error, degrees);
  if (!BothPositive(difference)) return;
  const double log_ratio = std::log(difference.b / difference.a);
  difference.percent_ci95 =
      Interval{Percent(log_ratio - reach * log_error), Percent(log_ratio + reach * log_error)};
  difference.detectable_percent = Percent((reach + kPowerQuantile) * log_error);
}

// Satterthwaite's approximation for a sum of two variances.
double CombinedDegrees(double variance_a, double degrees_a, double variance_b, double degrees_b) {
  const double below = Square(variance_a) / degrees_a + Square(variance_b) / degrees_b;
  if (below <= 0) return degrees_a + degrees_b;
  return Square(variance_a + variance_b) / below;
}

Difference CompareEstimates(const SeriesEstimate& a, const SeriesEstimate& b) {
  Difference difference = CompareValues(a.value, b.value);
  difference.test = TwoSampleTest::kWelch;
  difference.n_a = a.n;
  difference.n_b = b.n;
  difference.effective_a = a.effective_n;
  difference.effective_b = b.effective_n;
  const double variance_a = Square(a.standard_error);
  const double variance_b = Square(b.standard_error);
  const double log_error =
      BothPositive(difference) ? std::hypot(a.standard_error / a.value, b.standard_error / b.value) : 0;
  AddErrors(std::sqrt(variance_a + variance_b), log_error,
            CombinedDegrees(variance_a, a.degrees_of_freedom, variance_b, b.degrees_of_freedom), difference);
  return difference;
}

double SumOf(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double ValueOf(const RatioSeries& series) {
  const double below = SumOf(series.denominators);
  return below > 0 ? SumOf(series.numerators) / below : 0;
}

}  // namespace

std::string_view ToString(TwoSampleTest test) {
  switch (test) {
    case TwoSampleTest::kNone:
      return "";
    case TwoSampleTest::kWelch:
      return "Welch's t, blocks of time";
    case TwoSampleTest::kPaired:
      return "paired t, blocks of time";
    case TwoSampleTest::kOrderStatistics:
      return "order statistics";
    case TwoSampleTest::kMannWhitney:
      return "Mann-Whitney, blocks of time";
    case TwoSampleTest::kBlockBootstrap:
      return "block bootstrap";
    case TwoSampleTest::kFisher:
      return "Fisher's exact test";
    case TwoSampleTest::kBetweenRuns:
      return "Welch's t between runs";
    case TwoSampleTest::kStoredIntervals:
      return "stored intervals";
  }
  return "";
}

Difference CompareValues(double a, double b) {
  Difference difference;
  difference.a = a;
  difference.b = b;
  difference.absolute = b - a;
  if (BothPositive(difference)) difference.percent = 100 * (b / a - 1);
  return difference;
}

Difference CompareMeans(const RatioSeries& a, const RatioSeries& b) {
  const auto of_a = EstimateRatio(a.numerators, a.denominators);
  const auto of_b = EstimateRatio(b.numerators, b.denominators);
  if (of_a && of_b) return CompareEstimates(*of_a, *of_b);
  Difference difference = CompareValues(ValueOf(a), ValueOf(b));
  difference.n_a = std::ssize(a.numerators);
  difference.n_b = std::ssize(b.numerators);
  return difference;
}

Difference ComparePairedMeans(const RatioSeries& a, const RatioSeries& b) {
  Difference difference = CompareValues(ValueOf(a), ValueOf(b));
  const size_t n = a.numerators.size();
  difference.n_a = difference.n_b = static_cast<int64_t>(n);
  const double mean_below_a = SumOf(a.denominators) / static_cast<double>(n);
  const double mean_below_b = SumOf(b.denominators) / static_cast<double>(n);
  if (mean_below_a <= 0 || mean_below_b <= 0) return difference;
  // What each request adds to the difference, and to the logarithm of the ratio, both linearized.
  std::vector<double> absolute(n);
  std::vector<double> relative(n);
  for (size_t i = 0; i < n; ++i) {
    const double from_a = (a.numerators[i] - difference.a * a.denominators[i]) / mean_below_a;
    const double from_b = (b.numerators[i] - difference.b * b.denominators[i]) / mean_below_b;
    absolute[i] = from_b - from_a;
    if (BothPositive(difference)) relative[i] = from_b / difference.b - from_a / difference.a;
  }
  const auto error = EstimateMean(absolute);
  const auto log_error = EstimateMean(relative);
  if (!error || !log_error) return difference;
  difference.test = TwoSampleTest::kPaired;
  difference.effective_a = difference.effective_b = error->effective_n;
  AddErrors(error->standard_error, log_error->standard_error, error->degrees_of_freedom, difference);
  return difference;
}

Difference CompareRanks(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> above_a = PlacementsIn(a, b);  // of each of a: the share of b that is above it
  const std::vector<double> above_b = PlacementsIn(b, a);
  const auto of_a = EstimateMean(above_a);
  const auto of_b = EstimateMean(above_b);
  if (!of_a || !of_b) {
    Difference difference;
    difference.n_a = std::ssize(a);
    difference.n_b = std::ssize(b);
    return difference;
  }
  // P(B > A) is the mean of the placements of a; its error has a part from each sample (DeLong 1988).
  const double b_is_larger = of_a->value;
  Difference difference = CompareValues(1 - b_is_larger, b_is_larger);
  difference.percent.reset();
  difference.test = TwoSampleTest::kMannWhitney;
  difference.n_a = of_a->n;
  difference.n_b = of_b->n;
  difference.effective_a = of_a->effective_n;
  difference.effective_b = of_b->effective_n;
  // Where no sample of one is among those of the other the placements do not vary at all; the error is then
  // that of the next thing to it, one independent sample out of place.
  const double fewer = std::min({of_a->degrees_of_freedom, of_b->degrees_of_freedom}) + 1;
  const double least = Square(0.5 / fewer);
  const double variance_a = Square(of_a->standard_error);
  const double variance_b = Square(of_b->standard_error);
  const bool is_apart = variance_a + variance_b <= 0 && b_is_larger != 0.5;
  const double error = std::sqrt(is_apart ? least : variance_a + variance_b);
  // The difference of the shares is twice that of one of them from a half.
  AddErrors(2 * error, 0,
            CombinedDegrees(variance_a, of_a->degrees_of_freedom, variance_b, of_b->degrees_of_freedom),
            difference);
  difference.percent_ci95.reset();
  difference.detectable_percent.reset();
  return difference;
}

Difference CompareRuns(std::span<const double> a, std::span<const double> b) {
  const auto mean_a = SumOf(a) / static_cast<double>(a.size());
  const auto mean_b = SumOf(b) / static_cast<double>(b.size());
  Difference difference = CompareValues(mean_a, mean_b);
  difference.n_a = std::ssize(a);
  difference.n_b = std::ssize(b);
  const auto spread_a = SpreadOfValues(a);
  const auto spread_b = SpreadOfValues(b);
  if (!spread_a || !spread_b) return difference;
  difference.test = TwoSampleTest::kBetweenRuns;
  const double variance_a = Square(spread_a->run_standard_deviation) / static_cast<double>(a.size());
  const double variance_b = Square(spread_b->run_standard_deviation) / static_cast<double>(b.size());
  const double log_error = BothPositive(difference)
                               ? std::hypot(std::sqrt(variance_a) / mean_a, std::sqrt(variance_b) / mean_b)
                               : 0;
  AddErrors(std::sqrt(variance_a + variance_b), log_error,
            CombinedDegrees(variance_a, static_cast<double>(a.size()) - 1, variance_b,
                            static_cast<double>(b.size()) - 1),
            difference);
  return difference;
}

std::vector<double> CorrectedByHolm(std::span<const double> p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) { return p_values[x] < p_values[y]; });
  std::vector<double> corrected(p_values.size());
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto remaining = static_cast<double>(order.size() - i);
    largest = std::max(largest, std::min(1.0, remaining * p_values[order[i]]));
    corrected[order[i]] = largest;
  }
  return corrected;
}

}  // namespace llmdyno
