// llmdyno-report definitions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// The table of what each tool would have printed for the streams of one record log, which a command line
// (without the subcommand) names, or what --help and --version print.
absl::StatusOr<std::string> RunDefinitionsCommand(const std::vector<std::string>& arguments);

}  // namespace llmdyno
