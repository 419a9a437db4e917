// One sweep from set-up to summary.
#pragma once

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/flag_table.h"
#include "sweep/sweep_options.h"

namespace llmdyno {

absl::StatusOr<ExitStatus> RunSweepApp(SweepOptions& options, const FlagTable& flags);

}  // namespace llmdyno
