// llmdyno-report write.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// Writes the result that a command line (without the subcommand) names in other forms, as --report of the
// measuring programs does. Returns what is to be printed: the paths, or with --out - the texts, or what
// --help and --version print.
absl::StatusOr<std::string> RunWriteCommand(const std::vector<std::string>& arguments);

}  // namespace llmdyno
