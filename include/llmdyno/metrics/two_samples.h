// Is B different from A? Differences with intervals and p-values, each by a test that is named.
//
// Requests of one run share an engine's queue and are not independent. Everything here takes its samples in
// the order of time and lets neighbours that are alike count for less (confidence.h), so that two runs of the
// same thing are not called different for having had different neighbours. Pure functions; docs/metrics.md,
// "Comparing two runs". The comparison of results calls it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "llmdyno/metrics/confidence.h"

namespace llmdyno {

// What a difference was judged by.
enum class TwoSampleTest {
  kNone,             // nothing but the two values is known
  kWelch,            // Welch's t on means, their errors from blocks of time
  kPaired,           // t on the differences of the same requests, errors from blocks of time
  kOrderStatistics,  // intervals of both percentiles from order statistics, combined (MOVER)
  kMannWhitney,      // which of two requests is slower; errors from blocks of time
  kBlockBootstrap,   // resampled blocks of a rate over time
  kFisher,           // Fisher's exact test, with Newcombe's interval
  kBetweenRuns,      // Welch's t on one value per run
  kStoredIntervals,  // from the intervals that result files have
};
// "Welch's t, blocks of time": as tables and files say it. Empty for kNone.
std::string_view ToString(TwoSampleTest test);

// B beside A, in the unit of the samples.
struct Difference {
  double a = 0;
  double b = 0;
  double absolute = 0;                    // b - a
  std::optional<double> percent;          // 100 (b / a - 1); needs both above 0
  std::optional<Interval> absolute_ci95;  // these and p are absent where nothing could be tested
  std::optional<Interval> percent_ci95;
  std::optional<double> p_value;  // two-sided
  // The smallest true difference that four of five comparisons like this one would show (p <= 0.05).
  std::optional<double> detectable_absolute;
  std::optional<double> detectable_percent;
  TwoSampleTest test = TwoSampleTest::kNone;
  int64_t n_a = 0;  // samples: requests, stretches of time, or runs
  int64_t n_b = 0;
  std::optional<double> effective_a;  // independent ones that they are worth, where that was measured
  std::optional<double> effective_b;
};

// Samples of one run in the order of time. A mean of requests has denominators of 1; a mean over tokens has
// each request's sum and count. Both spans have the same length.
struct RatioSeries {
  std::span<const double> numerators;
  std::span<const double> denominators;
};

// Only the values are known.
Difference CompareValues(double a, double b);
// Sums of numerators over sums of denominators. With fewer than 8 elements on a side nothing is tested.
Difference CompareMeans(const RatioSeries& a, const RatioSeries& b);
// The same where element i of both is the same request: all that both had in common cancels out. Needs equal
// lengths.
Difference ComparePairedMeans(const RatioSeries& a, const RatioSeries& b);
// Percentile p of samples in the order of time. Nothing is tested where a run has too few samples for an
// interval. Needs both to be non-empty.
Difference CompareQuantiles(std::span<const double> a, std::span<const double> b, double p);
// The same when values come in clusters that count as one (the gaps of a request): `values` has a pair of
// value and weight for all clusters one after the other, `ends` where each cluster ends.
struct ClusteredValues {
  std::span<const float> values;
  std::span<const float> weights;
  std::span<const size_t> ends;
};
// Percentile p (0 to 1) of the values, each as often as its weight says. Nothing is tested where a run has
// too few clusters for an interval.
Difference CompareClusteredQuantiles(const ClusteredValues& a, const ClusteredValues& b, double p);
// a and b are the shares (0 to 1) of two requests, one of each, in which the other's is the larger:
// P(A > B) and P(B > A), ties half. The difference is real when they differ.
Difference CompareRanks(std::span<const double> a, std::span<const double> b);
// A rate per stretch of time, stretches of equal length in their order. `a` and `b` are the rates of the
// whole; the series say how much they vary.
Difference CompareRates(double a, std::span<const double> series_a, double b,
                        std::span<const double> series_b, const BootstrapConfig& config = {});
// Shares of yes (0 to 1), from one yes (1) or no (0) per request in the order of time. Differences are in
// shares; there is no percent.
Difference CompareShares(std::span<const double> a, std::span<const double> b);
// One value per run, two runs at least on both sides.
Difference CompareRuns(std::span<const double> a, std::span<const double> b);
// Values with intervals of 95 % that somebody else has computed.
Difference CompareStored(double a, const Interval& interval_a, double b, const Interval& interval_b);

// Holm's step-down correction: each p-value so that testing them all at a level raises one false alarm or
// more with that probability at most. In the order given; at most 1.
std::vector<double> CorrectedByHolm(std::span<const double> p_values);

}  // namespace llmdyno
