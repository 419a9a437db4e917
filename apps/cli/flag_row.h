// One flag of a table, as the reader of command lines and the writer of help see it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace llmdyno {

struct FlagRow {
  std::string section;
  std::string name;
  std::vector<std::string> aliases;
  std::string argument;  // empty: a switch
  std::string help;
  std::string default_text;
  std::vector<std::string> choices;  // empty: any text that `set` accepts
  std::function<absl::Status(const std::string&)> set;
  std::function<std::string()> json;  // empty: not recorded
  bool takes_several = false;         // all words up to the next flag are values
  bool was_given = false;
};

}  // namespace llmdyno
