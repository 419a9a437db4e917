// How much repetitions of a run differ, in words. Tables of repeated runs use it. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "llmdyno/metrics/confidence.h"
#include "llmdyno/metrics/repetitions.h"
#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// "TTFT: 41.20 ms ± 1.30 (95 %, 5 runs); within a run ± 6.10, between runs ± 0.90 (2 % of the variance)", on
// one line without a newline. What follows the semicolon is there where every run has several samples; the
// last two are standard deviations.
std::string FormatSpread(std::string_view title, std::string_view unit, const Spread& spread);

// Which repetition the figures are of, and how they spread, as labelled lines below a report's numbers;
// empty without repetitions. `repetition` counts from 0. `by` says what the median is taken by: "throughput".
std::string FormatRepetitions(int64_t repetitions, int64_t repetition, std::string_view by,
                              std::span<const FigureSpread> spread);
// The lines of the spread alone, each with its newline.
std::string FormatSpreads(std::span<const FigureSpread> spread);

// "repetition 2 of 3: 1,234.5 tokens/s, 3.20 requests/s, TTFT mean 41.20 ms, p50 40.10, p99 60.00, TPOT 9.80
// ms, ITL 9.70 ms, E2E 980.00 ms", on one line with its newline. `repetition` counts from 0.
std::string FormatRepetitionLine(int64_t repetition, int64_t repetitions, const RunMetrics& metrics,
                                 bool is_valid);

}  // namespace llmdyno
