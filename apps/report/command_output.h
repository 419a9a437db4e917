// What a subcommand of llmdyno-report leaves to be printed, and how the program ends.
#pragma once

#include <string>

#include "cli/exit_status.h"

namespace llmdyno {

struct CommandOutput {
  std::string text;
  ExitStatus exit = kExitOk;
};

}  // namespace llmdyno
