// A race from the flags to the result files.
#pragma once

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/flag_table.h"
#include "race/race_options.h"

namespace llmdyno {

// Prints what a person should see: the result on standard output, everything else on standard error.
absl::StatusOr<ExitStatus> RunRace(RaceOptions& options, const FlagTable& flags);

}  // namespace llmdyno
