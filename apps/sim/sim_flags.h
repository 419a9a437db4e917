// The command line of llmdyno-sim: every setting of the simulator as a flag of the same name, and a few
// shorter ways of asking for faults.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/sim/sim_config.h"

namespace llmdyno {

struct SimCommand {
  bool wants_help = false;
  bool wants_help_as_json = false;  // --help=json; wants_help is set as well
  SimConfig config;
};

// Reads the arguments behind the program's name. Flags may be written with hyphens or underscores. The first
// problem is a sentence that names the flag.
absl::StatusOr<SimCommand> ParseSimCommand(const std::vector<std::string>& arguments);

std::string SimHelp();
// As FlagHelpJson of apps/cli says.
std::string SimHelpJson();

}  // namespace llmdyno
