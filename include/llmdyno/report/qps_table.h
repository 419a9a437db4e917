// The console output of a QPS benchmark. The QPS benchmark prints it. Pure functions.
#pragma once

#include <string>

#include "llmdyno/report/serving_report.h"

namespace llmdyno {

// The table with one row per level, then rates and send errors, the errors of each level, warnings and
// verdicts. Columns, widths and formats of the first table are those of the reference systems
// (docs/cli/qps.md). Several lines, ends in a newline.
std::string FormatQpsTable(const ServingReport& report);

// PASS / DEGRADED / FAIL per level, or the trials of a search; the recommendation, the capacity that was
// found, the plan.
std::string FormatQpsSummary(const ServingReport& report);

// One line when a level has ended: "level 2 of 4: 5.0 requests/s ...".
std::string FormatLevelLine(const ServingReport& report, const LevelReport& level);

// One line for a trial of the capacity search.
std::string FormatTrialLine(const CapacityTrial& trial, LoadKind kind);

}  // namespace llmdyno
