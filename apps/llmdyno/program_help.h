// What the programs say of their own flags: the source of completions and manual pages.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

struct ProgramFlag {
  std::string name;                  // without the hyphens
  std::string argument;              // as in --help; empty: a switch
  std::vector<std::string> choices;  // empty: any text
  std::string section;
  std::string help;
  std::string default_text;

  bool TakesFile() const { return argument == "FILE" || argument == "IMAGE"; }
  bool TakesFolder() const { return argument == "DIR" || argument == "FOLDER"; }
};

// One set of flags: a program, or a program with a subcommand ("llmdyno-qps serve").
struct ProgramHelp {
  std::string words;
  std::string summary;  // "races an endpoint …."
  std::vector<ProgramFlag> flags;
  bool takes_files = false;  // beside the flags
};

// Runs every program in `folder` once for each set of flags that it has, with --help=json. Unavailable with a
// sentence when one cannot be started or answers something else.
absl::StatusOr<std::vector<ProgramHelp>> AskAllForHelp(const std::string& folder);

}  // namespace llmdyno
