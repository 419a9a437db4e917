// From the repetitions of a race to what its report shows. The race calls it behind its last repetition.
// Touches nothing but its arguments.
#pragma once

#include <vector>

#include "llmdyno/report/report.h"

namespace llmdyno {

// Puts the median one into the report's metrics and health, the verdict on all into its validity, and keeps
// them all with their spread. A single one is a race without repetitions. Needs at least one.
void TakeRepetitions(std::vector<RaceRepetition> repetitions, RaceReport& report);

}  // namespace llmdyno
