// The result file of a sweep, in the schemas that plotting scripts of its predecessors read: their names,
// their nesting, their seconds; ours are added beside them (docs/result-files.md). The sweep writes it behind
// each level. A pure function.
#pragma once

#include <string>

#include "llmdyno/report/sweep_report.h"

namespace llmdyno {

// Metadata and one entry per level, measured or kept, in the order of sweep_values (a grid's by lengths, then
// batch size). `batch_sizes` holds the levels that have an entry, so that the file of a sweep that is not
// over can be read like any other; `requested_levels` what was asked for. Full precision, no NaN, no secret,
// ending in a newline.
std::string SweepResultsJson(const SweepReport& report);

}  // namespace llmdyno
