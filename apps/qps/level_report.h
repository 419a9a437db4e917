// From what was measured at a level to the report of it; what levels and serving runs share.
#pragma once

#include "cli/trust_options.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/experiment/repeated_run.h"
#include "llmdyno/report/serving_report.h"

namespace llmdyno {

// Fills in all but the level's index, target, backlog, cost and SLO.
LevelReport MakeLevelReport(const RepeatedLevel& level, const SelftestFile& selftest, LoadLever lever,
                            const Clock& clock);

}  // namespace llmdyno
