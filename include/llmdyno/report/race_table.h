// The final block of a race: ten lines, then latencies, what was kept apart, and the verdict. The race and
// `llmdyno report` print it. A pure function.
#pragma once

#include <string>

#include "llmdyno/report/report.h"

namespace llmdyno {

// Several lines of plain text, at most 100 columns wide, ending in a newline. A dash stands for what does not
// exist; a '~' marks a percentile with too few samples behind it.
std::string FormatRaceTable(const RaceReport& report);

}  // namespace llmdyno
