// A command line as a table: each flag is a row that is bound to the variable it sets. Help text, defaults,
// range checks and the configuration in result files all come from the rows, so a default exists once: in the
// struct.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/flag_row.h"
#include "llmdyno/base/secret.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

class FlagTable {
 public:
  struct IntegerRange {
    int64_t min = 1;
    int64_t max = 1'000'000'000'000;
  };

  // `program` as in usage lines, `summary` one sentence.
  FlagTable(std::string program, std::string summary);

  // Flags that follow stand under this heading in the help.
  void Section(std::string title);

  // The bound variable must outlive the table; its value at this moment is the default. `argument` names the
  // value in the help ("N", "FILE", "DURATION"); `help` starts with a verb.
  void Text(std::string name, std::string& target, std::string argument, std::string help);
  void Text(std::string name, std::optional<std::string>& target, std::string argument, std::string help);
  void Integer(std::string name, int64_t& target, IntegerRange range, std::string argument, std::string help);
  void Integer(std::string name, std::optional<int64_t>& target, IntegerRange range, std::string argument,
               std::string help);
  void Real(std::string name, double& target, double min, std::string argument, std::string help);
  void Real(std::string name, std::optional<double>& target, double min, std::string argument,
            std::string help);
  void Time(std::string name, Duration& target, std::string help);
  void Time(std::string name, std::optional<Duration>& target, std::string help);
  void Switch(std::string name, bool& target, std::string help);
  void Choice(std::string name, std::string& target, std::vector<std::string> choices, std::string help);
  // Never shown, never recorded.
  void Confidential(std::string name, Secret& target, std::string argument, std::string help);
  // May be given several times. Values may be confidential: what the configuration has of each is what
  // `recorded` says of it; without that only how many there were.
  using Recorded = std::string (*)(const std::string& value);
  void Repeated(std::string name, std::vector<std::string>& target, std::string argument, std::string help,
                Recorded recorded = nullptr);

  // Takes all words up to the next flag, as argparse's nargs="+" does, and may be given several times.
  void Values(std::string name, std::vector<std::string>& target, std::string argument, std::string help);

  // Another spelling of the flag that was added last; not shown in the help.
  void Alias(std::string name);
  // What the help says where the default is not a value: "the profile's name".
  void DescribeDefault(std::string text);

  enum class Action { kRun, kHelp, kVersion };
  // Reads a command line; `arguments` are without the program's name. Hyphens and underscores are alike in
  // names. InvalidArgument names the flag, what was given and what is accepted.
  absl::StatusOr<Action> Parse(const std::vector<std::string>& arguments);

  bool WasGiven(std::string_view name) const;
  // What kHelp prints: text, or after --help=json the same as a JSON object.
  std::string Help() const;
  // Every flag's present value as a JSON object, names with underscores; what is confidential is left out.
  std::string ConfigurationJson() const;

 private:
  FlagRow& Add(std::string name, std::string argument, std::string help);
  FlagRow* Find(std::string_view name);
  const FlagRow* Find(std::string_view name) const;

  std::string program_;
  std::string summary_;
  std::string section_ = "Options";
  std::vector<FlagRow> rows_;
  bool help_as_json_ = false;
};

}  // namespace llmdyno
