// A sweep in words before it begins.
#pragma once

#include "cli/flag_table.h"
#include "llmdyno/base/time.h"
#include "llmdyno/report/sweep_report.h"
#include "sweep/sweep_options.h"
#include "sweep/sweep_spec.h"

namespace llmdyno {

// Everything of the report that is known before anything was measured.
SweepReport DescribeSweep(const SweepSpec& spec, const SweepOptions& options, const FlagTable& flags,
                          bool is_simulated, WallTime now);

}  // namespace llmdyno
