// From the flags of llmdyno-race to a run that can be planned.
#pragma once

#include "absl/status/statusor.h"
#include "cli/flag_table.h"
#include "llmdyno/run/run_spec.h"
#include "race/race_options.h"

namespace llmdyno {

// Checks what no single flag can know (missing and contradictory flags), fills in what depends on other
// flags, and writes the run down. With --simulate the endpoint's URL is filled in later.
absl::StatusOr<RunSpec> MakeRaceSpec(RaceOptions& options, const FlagTable& flags);

}  // namespace llmdyno
