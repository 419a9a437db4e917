// What the reader of the QPS table has to know beside it: errors, warnings, verdicts.
#pragma once

#include <string>

#include "llmdyno/report/serving_report.h"

namespace llmdyno {

// A blank line and a paragraph for each of a level's errors and for the rest; empty when all went well.
std::string FormatLevelNotes(const ServingReport& report, const LevelReport& level);

// What holds for all levels: clock, definition of the first token, where token counts came from.
std::string FormatMeasuringNotes(const ServingReport& report);

}  // namespace llmdyno
