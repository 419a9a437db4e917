// Completions of shells, made of what the programs say of themselves, so that none is forgotten:
//   source <(llmdyno completions bash)
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "program_help.h"

namespace llmdyno {

// A script for "bash", "zsh" or "fish" that completes `llmdyno` and every program of `programs`.
// InvalidArgument for another shell.
absl::StatusOr<std::string> CompletionsFor(std::string_view shell, std::span<const ProgramHelp> programs);

// One shell each.
std::string BashCompletions(std::span<const ProgramHelp> programs);
std::string ZshCompletions(std::span<const ProgramHelp> programs);
std::string FishCompletions(std::span<const ProgramHelp> programs);

}  // namespace llmdyno
