// Several runs of the same thing: which of them stands for all, and how much they differ.
//
// Pure functions; used by the benchmarks that repeat a run, and by what reads their record logs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/metrics/confidence.h"
#include "llmdyno/metrics/run_metrics.h"
#include "llmdyno/metrics/sweep_metrics.h"
#include "llmdyno/metrics/validity.h"

namespace llmdyno {

// One figure over the repetitions.
struct FigureSpread {
  std::string_view name;   // as in files, with its unit: "ttft_p99_ms"
  std::string_view title;  // as on screen: "TTFT p99"
  std::string_view unit;   // "ms"
  Spread spread;
};

// Throughput, requests per second, TTFT (all samples, then p50 and p99 of each run), TPOT, ITL, E2E; those
// that fewer than two of the runs have are left out. Gaps between tokens are kept as a histogram, so ITL has
// one value a run, its mean.
std::vector<FigureSpread> SpreadOfRuns(std::span<const RunMetrics* const> runs);
// The same of the runs of a sweep's level, also in milliseconds, and items per second where there are any.
std::vector<FigureSpread> SpreadOfSweepRuns(std::span<const SweepLevelMetrics> runs);

// True when a run ended as it was meant to: not interrupted, not given up, not by a safety limit, not killed.
// Repeating another one would show the same again, and its figures are none of the same thing.
bool IsCompleteRun(std::string_view stop_reason);

// How one repetition ended, and how fast it was.
struct RepetitionOutcome {
  std::string_view stop_reason;  // empty: it was killed
  std::optional<double> rate;    // what they are ordered by; absent is below everything
};
// Which one stands for all: the median of the complete ones by rate, of an even number the lower of the two
// in the middle, so that it was really made and is not the better half. Without a complete one the first.
// Needs at least one.
size_t RepetitionToShow(std::span<const RepetitionOutcome> repetitions);

// One verdict on all repetitions: valid when each of them was. The reasons against the `shown` one come
// first; those against another, where they are of another kind, begin with its number, from 1.
Validity ValidityOfAll(std::span<const Validity> repetitions, size_t shown);

}  // namespace llmdyno
