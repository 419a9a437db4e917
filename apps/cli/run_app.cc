#include "cli/run_app.h"

#include <cstdio>

namespace llmdyno {

void Complain(const std::string& program, const std::string& sentence) {
  std::fprintf(stderr, "%s: %s\n", program.c_str(), sentence.c_str());
}

ExitStatus RunApp(const std::string& program, FlagTable& flags, const std::vector<std::string>& arguments,
                  const std::function<absl::StatusOr<ExitStatus>()>& run) {
  const auto action = flags.Parse(arguments);
  if (!action.ok()) {
    Complain(program, std::string(action.status().message()));
    return kExitBadInput;
  }
  switch (*action) {
    case FlagTable::Action::kHelp:
      std::fputs(flags.Help().c_str(), stdout);
      return kExitOk;
    case FlagTable::Action::kVersion:
      std::printf("%s %s\n", program.c_str(), LLMDYNO_VERSION);
      return kExitOk;
    case FlagTable::Action::kRun:
      break;
  }
  const absl::StatusOr<ExitStatus> exit = run();
  if (exit.ok()) return *exit;
  Complain(program, std::string(exit.status().message()));
  return ExitStatusOf(exit.status());
}

}  // namespace llmdyno
