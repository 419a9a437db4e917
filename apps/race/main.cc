// llmdyno-race: how fast does an endpoint make a million tokens?
#include <string>
#include <vector>

#include "cli/run_app.h"
#include "race/race.h"
#include "race/race_flags.h"

int main(int argc, char* argv[]) {
  llmdyno::RaceOptions options;
  llmdyno::FlagTable flags = llmdyno::MakeRaceFlags(options);
  return llmdyno::RunApp("llmdyno-race", flags, std::vector<std::string>(argv + 1, argv + argc),
                         [&] { return llmdyno::RunRace(options, flags); });
}
