// The self-test from the first load to selftest.json.
#pragma once

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/flag_table.h"
#include "selftest/selftest_options.h"

namespace llmdyno {

absl::StatusOr<ExitStatus> RunSelftest(const SelftestOptions& options, const FlagTable& flags);

}  // namespace llmdyno
