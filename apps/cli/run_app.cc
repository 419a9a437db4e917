#include "cli/run_app.h"

#include <cstdio>
#include <optional>

#include "cli/plugin_host.h"

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
  NameProgram(program);
  const absl::StatusOr<ExitStatus> exit = run();
  const std::string error(exit.status().message());
  if (!exit.ok()) Complain(program, error);
  if (const std::optional<std::string> fault = PluginFaultSentence()) {
    if (error.find(*fault) == std::string::npos) Complain(program, *fault);
    return kExitPluginFault;
  }
  return exit.ok() ? *exit : ExitStatusOf(exit.status());
}

}  // namespace llmdyno
