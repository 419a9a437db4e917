// The subcommands of llmdyno-report.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "report/command_output.h"

namespace llmdyno {

// What to print for a command line (without the program's name) and how to end, or one sentence about what is
// wrong with it or with a file that it names.
absl::StatusOr<CommandOutput> RunReportCommand(const std::vector<std::string>& arguments);

}  // namespace llmdyno
