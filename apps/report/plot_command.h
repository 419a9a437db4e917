// llmdyno-report plot.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// Draws the results that a command line (without the subcommand) names, and returns the plotted numbers, or
// what --help and --version print.
//
// The image is --output, or the one of the names that ends in .png or .svg: the scripts that this replaces
// took it as their first or last argument.
absl::StatusOr<std::string> RunPlotCommand(const std::vector<std::string>& arguments);

}  // namespace llmdyno
