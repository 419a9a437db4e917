// Manual pages, made of what the programs say of themselves:
//   llmdyno man-page llmdyno-race | man -l -
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "program_help.h"

namespace llmdyno {

// The page `llmdyno` or one of a program, its subcommands included, in section 1, as roff. InvalidArgument
// for another name.
absl::StatusOr<std::string> ManPage(std::string_view page, std::span<const ProgramHelp> programs);

}  // namespace llmdyno
