// From a command line to an exit status: what every main() does.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/flag_table.h"

namespace llmdyno {

// Parses, answers --help and --version, runs; prints what went wrong as one line on standard error.
ExitStatus RunApp(const std::string& program, FlagTable& flags, const std::vector<std::string>& arguments,
                  const std::function<absl::StatusOr<ExitStatus>()>& run);

// "program: sentence" on standard error.
void Complain(const std::string& program, const std::string& sentence);

}  // namespace llmdyno
