// Did a rate drift while it was measured? A mean over a run that became slower describes neither its
// beginning nor its end. RunMetricsBuilder calls it; the verdict reads the answer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace llmdyno {

// How much a rate changed, and whether that can be chance.
struct RateTrend {
  double change = 0;      // mean of the last third / mean of the first third - 1: -0.12 is 12 % less
  double p_value = 1;     // two-sided
  int64_t stretches = 0;  // how many values it comes from
};

// With fewer rates nothing is said of their trend.
inline constexpr int64_t kFewestStretches = 30;

// The test of Mann and Kendall on the rates of successive stretches of equal length. What varies slowly
// without going anywhere is no trend: the variance of the statistic is that of a series whose residuals (of a
// straight line, or of a step) have the measured correlation of neighbours, and its error is taken from
// Student's distribution for as many independent values as are left (docs/metrics.md, "The verdict"). Nothing
// below kFewestStretches, nor when the rate was zero throughout the first third. Pure; time grows with the
// square of the length, 200 stretches take 50 us.
std::optional<RateTrend> FindRateTrend(std::span<const double> rates);

}  // namespace llmdyno
