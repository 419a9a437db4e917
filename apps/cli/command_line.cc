#include "cli/command_line.h"

#include <algorithm>

// A comma inside a value is part of it: JSON bodies have many.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>

#include "llmdyno/base/nearest_name.h"

namespace llmdyno {
namespace {

// "--max_tokens=5" -> "--max-tokens=5"; values keep their underscores.
std::string NormalisedArgument(const std::string& argument) {
  if (!argument.starts_with("--")) return argument;
  const size_t equals = argument.find('=');
  std::string name = argument.substr(0, equals);
  std::replace(name.begin(), name.end(), '_', '-');
  return name + (equals == std::string::npos ? "" : argument.substr(equals));
}

// Every spelling of a flag.
std::vector<std::string> NamesOf(const FlagRow& row) {
  std::vector<std::string> names = row.aliases;
  names.push_back(row.name);
  return names;
}

cxxopts::Options OptionsOf(const std::string& program, std::span<const FlagRow> rows) {
  cxxopts::Options options(program);
  options.allow_unrecognised_options();
  auto add = options.add_options();
  for (const FlagRow& row : rows) {
    for (const std::string& name : NamesOf(row)) {
      auto value = cxxopts::value<std::vector<std::string>>();
      if (row.argument.empty()) value->implicit_value("true");
      add(name, "", value);
    }
  }
  add("h,help", "");
  add("version", "");
  return options;
}

absl::Status MissingValue(const std::string& program, std::span<const FlagRow> rows,
                          const std::string& complaint) {
  // Of the library's complaints only a missing value is left. It quotes the name, in marks of its own.
  for (const FlagRow& row : rows) {
    for (const std::string& name : NamesOf(row)) {
      if (complaint.find("‘" + name + "’") == std::string::npos &&
          complaint.find("'" + name + "'") == std::string::npos) {
        continue;
      }
      return absl::InvalidArgumentError("--" + name + ": expected " + row.argument +
                                        " behind it, got nothing; see " + program + " --help");
    }
  }
  return absl::InvalidArgumentError(complaint + "; see " + program + " --help");
}

absl::Status UnknownFlag(const std::string& program, std::span<const FlagRow> rows, const std::string& name) {
  if (!name.starts_with('-')) {
    return absl::InvalidArgumentError("'" + name + "' is no flag; " + program +
                                      " takes flags only, see --help");
  }
  std::vector<std::string> known = {"--help", "--version"};
  for (const FlagRow& row : rows) {
    known.push_back("--" + row.name);
    for (const std::string& alias : row.aliases) known.push_back("--" + alias);
  }
  const std::string typed = name.substr(0, name.find('='));
  const auto nearest = FindNearestName(typed, known);
  return absl::InvalidArgumentError("unknown flag " + typed +
                                    (nearest ? "; did you mean " + *nearest + "? See " : "; see ") + program +
                                    " --help");
}

// "--goodput a b" -> "--goodput=a --goodput=b" for the rows that take several words.
std::vector<std::string> WithSeveralWordsApart(std::span<const FlagRow> rows,
                                               const std::vector<std::string>& arguments) {
  std::vector<std::string> apart;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool takes_several = std::any_of(rows.begin(), rows.end(), [&](const FlagRow& row) {
      return row.takes_several && argument == "--" + row.name;
    });
    apart.push_back(argument);
    if (!takes_several) continue;
    const auto is_value = [&](size_t j) { return j < arguments.size() && !arguments[j].starts_with("--"); };
    if (!is_value(i + 1)) continue;  // told as a missing value
    apart.pop_back();
    while (is_value(i + 1)) apart.push_back(argument + "=" + arguments[++i]);
  }
  return apart;
}

}  // namespace

absl::StatusOr<CommandLine> ReadCommandLine(const std::string& program, std::span<const FlagRow> rows,
                                            const std::vector<std::string>& arguments) {
  std::vector<std::string> normalised = {program};
  for (const std::string& argument : arguments) normalised.push_back(NormalisedArgument(argument));
  normalised = WithSeveralWordsApart(rows, normalised);
  std::vector<const char*> argv;
  argv.reserve(normalised.size());
  for (const std::string& argument : normalised) argv.push_back(argument.c_str());
  CommandLine line;
  line.wants_help_as_json = std::find(arguments.begin(), arguments.end(), "--help=json") != arguments.end();
  if (line.wants_help_as_json) {
    line.wants_help = true;
    return line;
  }
  try {
    cxxopts::Options options = OptionsOf(program, rows);
    const cxxopts::ParseResult result = options.parse(static_cast<int>(argv.size()), argv.data());
    line.wants_help = result.count("help") != 0;
    line.wants_version = result.count("version") != 0;
    if (line.wants_help || line.wants_version) return line;
    if (!result.unmatched().empty()) return UnknownFlag(program, rows, result.unmatched().front());
    for (const cxxopts::KeyValue& given : result.arguments()) {
      line.given.push_back({given.key(), given.value()});
    }
  } catch (const std::exception& problem) {
    return MissingValue(program, rows, problem.what());
  }
  return line;
}

}  // namespace llmdyno
