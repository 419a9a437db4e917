// The flags of llmdyno-race.
#pragma once

#include "cli/flag_table.h"
#include "race/race_options.h"

namespace llmdyno {

// Binds every flag to `options`, which must outlive the table.
FlagTable MakeRaceFlags(RaceOptions& options);

}  // namespace llmdyno
