// How far a number may be off: intervals for percentiles, means and rates, and the spread over repetitions.
//
// Everything is a pure function of samples and, where chance is used, of a seed: the same seed gives the same
// interval on every platform. Requests of one run share the engine's queue, so neighbours are alike and count
// for less than as many independent ones; what takes a *series* wants it in the order of time and measures
// that (docs/metrics.md, "Confidence").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "llmdyno/metrics/distribution.h"

namespace llmdyno {

inline constexpr double kConfidence = 0.95;

// Where a percentile lies, by order statistics: no assumption about the shape of the distribution.
struct QuantileBounds {
  std::optional<double> low;   // absent: even the smallest sample may lie above the percentile
  std::optional<double> high;  // absent: even the largest sample may lie below it
  // What the ends that are there really cover: at least what was asked for, and 0 when there is none.
  double confidence = 0;
};

// Exact binomial ranks with equal tails at any n: the ends are the samples at the largest rank l with
// P(B < l) <= (1 - confidence) / 2 and the smallest rank u with P(B >= u) <= (1 - confidence) / 2, B being
// binomial(n, p). `sorted` ascending; empty gives no end. Takes the samples for independent.
QuantileBounds BoundQuantile(std::span<const double> sorted, double p, double confidence = kConfidence);

// How many samples blocks should have so that they are nearly independent of one another:
// twice the automatic choice of Politis and White (2004, corrected by Patton, Politis and White 2009) for the
// circular block bootstrap, at least 1, at most a fifth of the series. 1 for a series without correlation.
int64_t ChooseBlockLength(std::span<const double> series);

// A ratio of sums over a series, with its error: a mean where all denominators are 1, tokens per second where
// they are seconds.
struct SeriesEstimate {
  double value = 0;
  double standard_error = 0;      // from circular blocks
  double degrees_of_freedom = 0;  // blocks - 1; 2 when neighbours are alike over a fifth of the series
  int64_t n = 0;
  int64_t block_length = 1;  // in elements of the series
  // How many independent elements the n are worth; at most n.
  double effective_n = 0;
};
// Nothing below 8 elements or when the denominators add up to nothing. Both spans have the same length.
std::optional<SeriesEstimate> EstimateRatio(std::span<const double> numerators,
                                            std::span<const double> denominators);
// The same with denominators of 1.
std::optional<SeriesEstimate> EstimateMean(std::span<const double> series);

// How many resamples are drawn, and from which seed.
struct BootstrapConfig {
  double confidence = kConfidence;
  int64_t resamples = 1000;
  uint64_t seed = 1;
};

// The interval, and how it came about.
struct BootstrapInterval {
  Interval interval;
  int64_t n = 0;
  int64_t block_length = 1;  // in elements of the series; 1: an ordinary bootstrap
};
// The BCa interval (Efron 1987) of a mean, or of a ratio of sums, by resampling circular blocks; deviations
// are stretched by Student's t for the number of blocks there are. `block_length` 0 chooses it from the
// series. Nothing below 8 elements.
std::optional<BootstrapInterval> BootstrapMean(std::span<const double> series,
                                               const BootstrapConfig& config = {}, int64_t block_length = 0);
// As BootstrapMean; nothing when the denominators add up to nothing. Both spans have the same length.
std::optional<BootstrapInterval> BootstrapRatio(std::span<const double> numerators,
                                                std::span<const double> denominators,
                                                const BootstrapConfig& config = {}, int64_t block_length = 0);
// `resamples` draws of the mean of a series from circular blocks, unsorted; what differences of two series
// are judged by. Deviations from the mean are stretched like those of the intervals.
std::vector<double> BootstrapDraws(std::span<const double> series, const BootstrapConfig& config = {},
                                   int64_t block_length = 0);

// The mean of a few values, one per run, by Student's t. Nothing below two.
std::optional<Interval> StudentInterval(std::span<const double> values, double confidence = kConfidence);

// How much runs of the same thing differ, beside how much the requests within one do.
struct Spread {
  int64_t runs = 0;
  int64_t samples = 0;                // over all runs; as many as runs when each has one value
  double mean = 0;                    // of the runs' means, each counting once
  double run_standard_deviation = 0;  // of the runs' means
  Interval mean_ci95;                 // Student's t over the runs' means
  // One-way analysis of variance; empty when every run has one value.
  std::optional<double> within_standard_deviation;   // of samples around their run's mean
  std::optional<double> between_standard_deviation;  // of the runs' true means; 0 when no more than chance
  std::optional<double> intraclass_share;  // between² / (between² + within²), 0 to 1; needs any variance
};
// One list of samples per run; empty runs are left out. Nothing below two runs.
std::optional<Spread> SpreadOverRuns(std::span<const std::vector<double>> runs);
// One value per run: a rate.
std::optional<Spread> SpreadOfValues(std::span<const double> values);

}  // namespace llmdyno
