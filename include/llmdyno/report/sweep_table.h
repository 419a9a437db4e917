// What a sweep prints: a block after each level, and tables over all of them at the end. Pure functions.
#pragma once

#include <string>

#include "llmdyno/report/sweep_report.h"

namespace llmdyno {

// How the level went: requests, tokens, each metric as mean ± std with its percentiles and n, the runs one by
// one, what went wrong. `level` is of the report, or about to be.
std::string FormatSweepLevel(const SweepReport& report, const SweepLevelReport& level);

// The levels beside one another, those that were kept from an earlier run included; of a grid of shapes a
// matrix of input by output lengths for each batch size. Then what the reader has to know with the numbers,
// and the files.
std::string FormatSweepSummary(const SweepReport& report);

}  // namespace llmdyno
