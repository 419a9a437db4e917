// llmdyno-report compare.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "report/command_output.h"

namespace llmdyno {

// Compares the results that a command line (without the subcommand) names: two with intervals, tests and
// conditions, more as a table side by side. FailedPrecondition when they were asked for different things.
absl::StatusOr<CommandOutput> RunCompareCommand(const std::vector<std::string>& arguments);

}  // namespace llmdyno
