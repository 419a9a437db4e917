// llmdyno-race: how fast does an endpoint make a million tokens?
#include <cstdio>
#include <string>
#include <vector>

#include "race/race.h"
#include "race/race_flags.h"

int main(int argc, char* argv[]) {
  llmdyno::RaceOptions options;
  llmdyno::FlagTable flags = llmdyno::MakeRaceFlags(options);
  const auto action = flags.Parse(std::vector<std::string>(argv + 1, argv + argc));
  if (!action.ok()) {
    std::fprintf(stderr, "llmdyno-race: %s\n", std::string(action.status().message()).c_str());
    return llmdyno::kExitBadInput;
  }
  switch (*action) {
    case llmdyno::FlagTable::Action::kHelp:
      std::fputs(flags.Help().c_str(), stdout);
      return llmdyno::kExitOk;
    case llmdyno::FlagTable::Action::kVersion:
      std::puts("llmdyno-race " LLMDYNO_VERSION);
      return llmdyno::kExitOk;
    case llmdyno::FlagTable::Action::kRun:
      break;
  }
  return llmdyno::RunRace(options, flags);
}
