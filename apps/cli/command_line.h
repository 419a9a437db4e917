// Takes a command line apart: which flag was given which text. What the texts mean is the table's business.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/flag_row.h"

namespace llmdyno {

struct CommandLine {
  struct Given {
    std::string name;  // as typed, with hyphens: a row's name or one of its aliases
    std::string value;
  };
  bool wants_help = false;
  bool wants_help_as_json = false;  // --help=json; wants_help is set as well
  bool wants_version = false;
  std::vector<Given> given;  // in order
};

// `arguments` are without the program's name. Hyphens and underscores are alike in names. InvalidArgument
// names a flag that `rows` does not have, and the nearest that it has, or a flag whose value is missing.
absl::StatusOr<CommandLine> ReadCommandLine(const std::string& program, std::span<const FlagRow> rows,
                                            const std::vector<std::string>& arguments);

}  // namespace llmdyno
