#include "completions.h"

namespace llmdyno {

absl::StatusOr<std::string> CompletionsFor(std::string_view shell, std::span<const ProgramHelp> programs) {
  if (shell == "bash") return BashCompletions(programs);
  if (shell == "zsh") return ZshCompletions(programs);
  if (shell == "fish") return FishCompletions(programs);
  return absl::InvalidArgumentError("completions: expected bash, zsh or fish, got '" + std::string(shell) +
                                    "'");
}

}  // namespace llmdyno
