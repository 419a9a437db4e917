// The half of two_samples.h about what has no error of its own to add up: percentiles, rates, shares, and
// intervals from files.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "llmdyno/metrics/two_samples.h"
#include "metrics/binomial_ranks.h"
#include "metrics/probability.h"
#include "metrics/two_sample_parts.h"

namespace llmdyno {
namespace {

double Square(double value) { return value * value; }

// An interval of one percentile at any confidence; an end may be missing.
struct Ends {
  std::optional<double> low;
  std::optional<double> high;
};
using EndsAt = std::function<Ends(double confidence)>;

// Newcombe's way to combine two intervals into that of the difference b - a ("method of variance estimates
// recovery", Zou and Donner 2008): each side of it needs one end of each.
std::optional<Interval> Combine(double a, const Ends& ends_a, double b, const Ends& ends_b) {
  if (!ends_a.low || !ends_a.high || !ends_b.low || !ends_b.high) return std::nullopt;
  const double down = std::hypot(b - *ends_b.low, *ends_a.high - a);
  const double up = std::hypot(*ends_b.high - b, a - *ends_a.low);
  return Interval{b - a - down, b - a + up};
}

// The smallest level at which the interval of the difference still excludes 0: p, as any interval defines it.
// Where the percentile has no interval at a high confidence, p is that of the highest one that has.
std::optional<double> LevelOf(double a, const EndsAt& ends_a, double b, const EndsAt& ends_b) {
  const auto excludes = [&](double level) {
    const auto interval = Combine(a, ends_a(1 - level), b, ends_b(1 - level));
    return interval && (interval->low > 0 || interval->high < 0);
  };
  double low = 1e-9;
  double high = 1;
  for (int i = 0; i < 40 && high / low > 1.0001; ++i) {
    const double middle = std::sqrt(low * high);
    (excludes(middle) ? high : low) = middle;
  }
  return high;
}

// Needs values above 0 where it is called.
Ends Logarithms(const Ends& ends) {
  const auto log = [](const std::optional<double>& value) {
    return value && *value > 0 ? std::optional(std::log(*value)) : std::nullopt;
  };
  return {log(ends.low), log(ends.high)};
}

double Percent(double log_ratio) { return 100 * std::expm1(log_ratio); }

double Detectable(const Interval& interval) {
  const double z = NormalQuantile((1 + kConfidence) / 2);
  return (interval.high - interval.low) / (2 * z) * (z + kPowerQuantile);
}

void AddIntervals(const EndsAt& ends_a, const EndsAt& ends_b, Difference& difference) {
  const Ends at_a = ends_a(kConfidence);
  const Ends at_b = ends_b(kConfidence);
  difference.absolute_ci95 = Combine(difference.a, at_a, difference.b, at_b);
  if (!difference.absolute_ci95) return;
  difference.detectable_absolute = Detectable(*difference.absolute_ci95);
  if (difference.a > 0 && difference.b > 0) {
    if (const auto logs =
            Combine(std::log(difference.a), Logarithms(at_a), std::log(difference.b), Logarithms(at_b))) {
      difference.percent_ci95 = Interval{Percent(logs->low), Percent(logs->high)};
      difference.detectable_percent = Percent(Detectable(*logs));
    }
  }
  difference.p_value = LevelOf(difference.a, ends_a, difference.b, ends_b);
}

// A percentile of one run: its value, what its samples are worth, and where it is at any confidence.
struct RunQuantile {
  double value = 0;
  int64_t n = 0;
  double effective_n = 0;
  double degrees = 1;
  double p = 0.5;
  // The value below which this share of the sample lies.
  std::function<double(double share)> at;

  Ends EndsFor(double confidence) const {
    // Few blocks: the normal law's tail becomes that of Student's t.
    const double t = StudentQuantile((1 + confidence) / 2, degrees);
    const double tail = NormalCdf(-t);
    Ends ends;
    // Rank r of N independent samples stands for the share (r - 1/2) / N.
    if (const auto rank = LowRank(effective_n, p, tail)) ends.low = at((*rank - 0.5) / effective_n);
    if (const auto rank = HighRank(effective_n, p, tail)) ends.high = at((*rank - 0.5) / effective_n);
    return ends;
  }
};

// What the samples are worth is measured on "is it at or below the percentile?", in the order of time.
void AddWorth(std::span<const double> below, std::span<const double> of, RunQuantile& quantile) {
  quantile.n = std::ssize(below);
  const auto estimate = EstimateRatio(below, of);
  if (!estimate) return;
  // The error of that share says what the samples are worth. Clusters of one sample each are worth no more
  // than their number.
  const double variance = Square(estimate->standard_error);
  const double worth =
      variance > 0 ? quantile.p * (1 - quantile.p) / variance : static_cast<double>(quantile.n);
  const double most = std::accumulate(of.begin(), of.end(), 0.0);
  quantile.effective_n = std::min(worth, most);
  quantile.degrees = estimate->degrees_of_freedom;
}

RunQuantile QuantileOf(std::span<const double> series, double p) {
  std::vector<double> sorted(series.begin(), series.end());
  std::sort(sorted.begin(), sorted.end());
  RunQuantile quantile;
  quantile.p = p;
  quantile.value = QuantileOfSorted(sorted, p);
  std::vector<double> below;
  for (const double value : series) below.push_back(value <= quantile.value ? 1 : 0);
  AddWorth(below, std::vector<double>(series.size(), 1.0), quantile);
  quantile.at = [sorted = std::move(sorted)](double share) {
    const auto n = static_cast<double>(sorted.size());
    return QuantileOfSorted(sorted, n > 1 ? (share * n - 0.5) / (n - 1) : 0);
  };
  return quantile;
}

RunQuantile QuantileOf(const ClusteredValues& clusters, double p) {
  std::vector<size_t> order(clusters.values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t x, size_t y) { return clusters.values[x] < clusters.values[y]; });
  std::vector<double> sorted;
  std::vector<double> up_to;  // weight of this value and all smaller ones
  double total = 0;
  for (const size_t i : order) {
    total += clusters.weights[i];
    sorted.push_back(clusters.values[i]);
    up_to.push_back(total);
  }
  const auto at = [sorted = std::move(sorted), up_to = std::move(up_to), total](double share) {
    const auto place = std::lower_bound(up_to.begin(), up_to.end(), share * total);
    return place == up_to.end() ? sorted.back() : sorted[static_cast<size_t>(place - up_to.begin())];
  };
  RunQuantile quantile;
  quantile.p = p;
  quantile.value = at(p);
  std::vector<double> below;
  std::vector<double> of;
  size_t i = 0;
  for (const size_t end : clusters.ends) {
    below.push_back(0);
    of.push_back(0);
    for (; i < end; ++i) {
      of.back() += clusters.weights[i];
      if (clusters.values[i] <= quantile.value) below.back() += clusters.weights[i];
    }
  }
  AddWorth(below, of, quantile);
  quantile.at = at;
  return quantile;
}

Difference CompareRunQuantiles(const RunQuantile& a, const RunQuantile& b) {
  Difference difference = CompareValues(a.value, b.value);
  difference.n_a = a.n;
  difference.n_b = b.n;
  if (a.effective_n <= 0 || b.effective_n <= 0) return difference;
  difference.effective_a = a.effective_n;
  difference.effective_b = b.effective_n;
  AddIntervals([&](double confidence) { return a.EndsFor(confidence); },
               [&](double confidence) { return b.EndsFor(confidence); }, difference);
  if (difference.p_value) difference.test = TwoSampleTest::kOrderStatistics;
  return difference;
}

// Wilson's interval of a share; n may be a fraction.
Ends WilsonEnds(double share, double n, double confidence) {
  const double z = NormalQuantile((1 + confidence) / 2);
  const double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double reach = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  return {std::max(0.0, middle - reach), std::min(1.0, middle + reach)};
}

double LogChoose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

// Fisher's exact test, two-sided: the tables that are no likelier than the one at hand.
double FisherTwoSided(double yes_a, double n_a, double yes_b, double n_b) {
  const double yes = yes_a + yes_b;
  const auto log_likelihood = [&](double in_a) {
    return LogChoose(n_a, in_a) + LogChoose(n_b, yes - in_a) - LogChoose(n_a + n_b, yes);
  };
  const double at_hand = log_likelihood(yes_a);
  double p = 0;
  for (double in_a = std::max(0.0, yes - n_b); in_a <= std::min(yes, n_a); ++in_a) {
    const double likelihood = log_likelihood(in_a);
    if (likelihood <= at_hand + 1e-9) p += std::exp(likelihood);
  }
  return std::min(1.0, p);
}

// How many independent requests the yes and no of a run are worth. Failures come in bursts.
double Worth(std::span<const double> series) {
  const auto estimate = EstimateMean(series);
  return estimate && estimate->effective_n > 0 ? estimate->effective_n : static_cast<double>(series.size());
}

double MeanOf(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::vector<double> PlacementsIn(std::span<const double> samples, std::span<const double> others) {
  std::vector<double> sorted(others.begin(), others.end());
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  std::vector<double> placements;
  placements.reserve(samples.size());
  for (const double value : samples) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
    placements.push_back((static_cast<double>(sorted.end() - last) + static_cast<double>(last - first) / 2) /
                         n);
  }
  return placements;
}

Difference CompareQuantiles(std::span<const double> a, std::span<const double> b, double p) {
  return CompareRunQuantiles(QuantileOf(a, p), QuantileOf(b, p));
}

Difference CompareClusteredQuantiles(const ClusteredValues& a, const ClusteredValues& b, double p) {
  return CompareRunQuantiles(QuantileOf(a, p), QuantileOf(b, p));
}

Difference CompareRates(double a, std::span<const double> series_a, double b,
                        std::span<const double> series_b, const BootstrapConfig& config) {
  Difference difference = CompareValues(a, b);
  difference.n_a = std::ssize(series_a);
  difference.n_b = std::ssize(series_b);
  BootstrapConfig for_b = config;
  for_b.seed = config.seed + 1;  // two runs do not share their chance
  const std::vector<double> draws_a = BootstrapDraws(series_a, config);
  const std::vector<double> draws_b = BootstrapDraws(series_b, for_b);
  if (draws_a.empty() || draws_b.empty() || a <= 0 || b <= 0) return difference;
  const double mean_a = MeanOf(series_a);
  const double mean_b = MeanOf(series_b);
  if (mean_a <= 0 || mean_b <= 0) return difference;
  const double log_ratio = std::log(b / a);
  std::vector<double> deviations;
  int64_t beyond = 0;
  for (size_t i = 0; i < draws_a.size(); ++i) {
    // A draw that is stretched below nothing is as far off as can be.
    const double least = 1e-9;
    const double deviation =
        std::log(std::max(least, draws_b[i] / mean_b)) - std::log(std::max(least, draws_a[i] / mean_a));
    deviations.push_back(deviation);
    if (std::abs(deviation) >= std::abs(log_ratio)) ++beyond;
  }
  std::sort(deviations.begin(), deviations.end());
  const double tail = (1 - kConfidence) / 2;
  const Interval logs{log_ratio + QuantileOfSorted(deviations, tail),
                      log_ratio + QuantileOfSorted(deviations, 1 - tail)};
  difference.test = TwoSampleTest::kBlockBootstrap;
  difference.p_value = (1 + static_cast<double>(beyond)) / (1 + static_cast<double>(deviations.size()));
  difference.percent_ci95 = Interval{Percent(logs.low), Percent(logs.high)};
  difference.absolute_ci95 = Interval{a * std::expm1(logs.low), a * std::expm1(logs.high)};
  difference.detectable_percent = Percent(Detectable(logs));
  difference.detectable_absolute = a * *difference.detectable_percent / 100;
  return difference;
}

Difference CompareShares(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return {};
  Difference difference = CompareValues(MeanOf(a), MeanOf(b));
  difference.percent.reset();
  difference.n_a = std::ssize(a);
  difference.n_b = std::ssize(b);
  const double worth_a = std::max(1.0, std::round(Worth(a)));
  const double worth_b = std::max(1.0, std::round(Worth(b)));
  difference.effective_a = worth_a;
  difference.effective_b = worth_b;
  difference.test = TwoSampleTest::kFisher;
  difference.p_value = FisherTwoSided(std::round(difference.a * worth_a), worth_a,
                                      std::round(difference.b * worth_b), worth_b);
  difference.absolute_ci95 = Combine(difference.a, WilsonEnds(difference.a, worth_a, kConfidence),
                                     difference.b, WilsonEnds(difference.b, worth_b, kConfidence));
  difference.detectable_absolute = Detectable(*difference.absolute_ci95);
  return difference;
}

Difference CompareStored(double a, const Interval& interval_a, double b, const Interval& interval_b) {
  Difference difference = CompareValues(a, b);
  // What is known at 95 % is stretched to other levels as if the law were normal.
  const auto ends_of = [](double value, const Interval& interval) {
    return [value, interval](double confidence) {
      const double stretch =
          NormalQuantile((1 + std::min(confidence, 1 - 1e-12)) / 2) / NormalQuantile((1 + kConfidence) / 2);
      return Ends{value - stretch * (value - interval.low), value + stretch * (interval.high - value)};
    };
  };
  AddIntervals(ends_of(a, interval_a), ends_of(b, interval_b), difference);
  difference.test = TwoSampleTest::kStoredIntervals;
  return difference;
}

}  // namespace llmdyno
