#include "cli/flag_table.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

// A comma inside a value is part of it: JSON bodies have many.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

absl::Status Expected(std::string_view what, const std::string& value) {
  return absl::InvalidArgumentError("expected " + std::string(what) + ", got '" + value + "'");
}

std::string Hyphenated(std::string text) {
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string Underscored(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

absl::StatusOr<int64_t> ReadInteger(const std::string& value, FlagTable::IntegerRange range) {
  const auto number = ParseInteger(value);
  if (!number || *number < range.min || *number > range.max) {
    return Expected("a whole number from " + WithThousands(range.min) + " to " + WithThousands(range.max),
                    value);
  }
  return *number;
}

absl::StatusOr<double> ReadReal(const std::string& value, double min) {
  const auto number = ParseReal(value);
  if (!number || *number < min) return Expected("a number of at least " + Json(min).dump(), value);
  return *number;
}

// "--max_tokens=5" -> "--max-tokens=5"; values keep their underscores.
std::string NormalisedArgument(const std::string& argument) {
  if (!argument.starts_with("--")) return argument;
  const size_t equals = argument.find('=');
  return Hyphenated(argument.substr(0, equals)) +
         (equals == std::string::npos ? "" : argument.substr(equals));
}

// Wraps words so that lines of help end by column 100.
void AppendWrapped(const std::string& text, size_t indent, std::string& out) {
  size_t column = indent;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (column + (end - at) > 100 && column > indent) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    out += text.substr(at, end - at) + ' ';
    column += end - at + 1;
    at = end + 1;
  }
  if (out.ends_with(' ')) out.pop_back();
}

}  // namespace

FlagTable::FlagTable(std::string program, std::string summary)
    : program_(std::move(program)), summary_(std::move(summary)) {}

void FlagTable::Section(std::string title) { section_ = std::move(title); }

FlagTable::Row& FlagTable::Add(std::string name, std::string argument, std::string help) {
  Row row;
  row.section = section_;
  row.name = std::move(name);
  row.argument = std::move(argument);
  row.help = std::move(help);
  rows_.push_back(std::move(row));
  return rows_.back();
}

void FlagTable::Text(std::string name, std::string& target, std::string argument, std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help));
  row.default_text = target;
  row.set = [&target](const std::string& value) {
    target = value;
    return absl::OkStatus();
  };
  row.json = [&target] { return Json(target).dump(-1, ' ', false, Json::error_handler_t::replace); };
}

void FlagTable::Text(std::string name, std::optional<std::string>& target, std::string argument,
                     std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help));
  row.set = [&target](const std::string& value) {
    target = value;
    return absl::OkStatus();
  };
  row.json = [&target] {
    return target ? Json(*target).dump(-1, ' ', false, Json::error_handler_t::replace) : "null";
  };
}

void FlagTable::Integer(std::string name, int64_t& target, IntegerRange range, std::string argument,
                        std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help));
  row.default_text = std::to_string(target);
  row.set = [&target, range](const std::string& value) {
    const auto number = ReadInteger(value, range);
    if (number.ok()) target = *number;
    return number.status();
  };
  row.json = [&target] { return std::to_string(target); };
}

void FlagTable::Integer(std::string name, std::optional<int64_t>& target, IntegerRange range,
                        std::string argument, std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help));
  if (target) row.default_text = std::to_string(*target);
  row.set = [&target, range](const std::string& value) {
    const auto number = ReadInteger(value, range);
    if (number.ok()) target = *number;
    return number.status();
  };
  row.json = [&target] { return target ? std::to_string(*target) : "null"; };
}

void FlagTable::Real(std::string name, double& target, double min, std::string argument, std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help));
  row.default_text = Json(target).dump();
  row.set = [&target, min](const std::string& value) {
    const auto number = ReadReal(value, min);
    if (number.ok()) target = *number;
    return number.status();
  };
  row.json = [&target] { return Json(target).dump(); };
}

void FlagTable::Real(std::string name, std::optional<double>& target, double min, std::string argument,
                     std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help));
  row.set = [&target, min](const std::string& value) {
    const auto number = ReadReal(value, min);
    if (number.ok()) target = *number;
    return number.status();
  };
  row.json = [&target] { return target ? Json(*target).dump() : "null"; };
}

void FlagTable::Time(std::string name, Duration& target, std::string help) {
  Row& row = Add(std::move(name), "DURATION", std::move(help));
  row.default_text = target == Duration::zero() ? "no limit" : ToString(target);
  row.set = [&target](const std::string& value) {
    const auto duration = ParseDuration(value);
    if (duration.ok()) target = *duration;
    return duration.status();
  };
  row.json = [&target] { return Json(ToString(target)).dump(); };
}

void FlagTable::Time(std::string name, std::optional<Duration>& target, std::string help) {
  Row& row = Add(std::move(name), "DURATION", std::move(help));
  row.set = [&target](const std::string& value) -> absl::Status {
    const auto duration = ParseDuration(value);
    if (!duration.ok()) return duration.status();
    if (*duration == Duration::zero()) return Expected("a duration above zero", value);
    target = *duration;
    return absl::OkStatus();
  };
  row.json = [&target] { return target ? Json(ToString(*target)).dump() : "null"; };
}

void FlagTable::Switch(std::string name, bool& target, std::string help) {
  Row& row = Add(std::move(name), "", std::move(help));
  row.set = [&target](const std::string& value) -> absl::Status {
    if (value != "true" && value != "false") return Expected("true or false, or no value at all", value);
    target = value == "true";
    return absl::OkStatus();
  };
  row.json = [&target] { return target ? "true" : "false"; };
}

void FlagTable::Choice(std::string name, std::string& target, std::vector<std::string> choices,
                       std::string help) {
  std::string list;
  for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
  Text(std::move(name), target, "NAME", std::move(help) + ": " + list);
  rows_.back().set = [&target, list, choices = std::move(choices)](const std::string& value) -> absl::Status {
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
      std::string expected = "one of " + list;
      if (const auto nearest = FindNearestName(value, choices))
        expected += " (did you mean '" + *nearest + "'?)";
      return Expected(expected, value);
    }
    target = value;
    return absl::OkStatus();
  };
}

void FlagTable::Confidential(std::string name, Secret& target, std::string argument, std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help));
  row.set = [&target](const std::string& value) {
    target = Secret(value);
    return absl::OkStatus();
  };
}

void FlagTable::Repeated(std::string name, std::vector<std::string>& target, std::string argument,
                         std::string help) {
  Row& row = Add(std::move(name), std::move(argument), std::move(help) + " (may be given several times)");
  row.set = [&target](const std::string& value) {
    target.push_back(value);
    return absl::OkStatus();
  };
  row.json = [&target] { return Json{{"count", target.size()}}.dump(); };
}

void FlagTable::Alias(std::string name) { rows_.back().aliases.push_back(std::move(name)); }

void FlagTable::DescribeDefault(std::string text) { rows_.back().default_text = std::move(text); }

absl::StatusOr<FlagTable::Action> FlagTable::Parse(const std::vector<std::string>& arguments) {
  cxxopts::Options options(program_);
  options.allow_unrecognised_options();
  auto add = options.add_options();
  for (const Row& row : rows_) {
    std::vector<std::string> names = row.aliases;
    names.push_back(row.name);
    for (const std::string& name : names) {
      auto value = cxxopts::value<std::vector<std::string>>();
      if (row.argument.empty()) value->implicit_value("true");
      add(name, "", value);
    }
  }
  add("h,help", "");
  add("version", "");

  std::vector<std::string> normalised = {program_};
  for (const std::string& argument : arguments) normalised.push_back(NormalisedArgument(argument));
  std::vector<const char*> argv;
  for (const std::string& argument : normalised) argv.push_back(argument.c_str());
  try {
    const cxxopts::ParseResult result = options.parse(static_cast<int>(argv.size()), argv.data());
    if (result.count("help") != 0) return Action::kHelp;
    if (result.count("version") != 0) return Action::kVersion;
    if (!result.unmatched().empty()) return UnknownFlag(result.unmatched().front());
    for (const cxxopts::KeyValue& given : result.arguments()) {
      Row* row = Find(given.key());
      if (absl::Status status = Apply(*row, given.value()); !status.ok()) return status;
    }
  } catch (const std::exception& problem) {
    return MissingValue(problem.what());
  }
  return Action::kRun;
}

absl::Status FlagTable::Apply(Row& row, const std::string& value) {
  row.was_given = true;
  if (absl::Status status = row.set(value); !status.ok()) {
    return absl::Status(status.code(), "--" + row.name + ": " + std::string(status.message()));
  }
  return absl::OkStatus();
}

absl::Status FlagTable::MissingValue(const std::string& complaint) const {
  // Of the library's complaints only a missing value is left. It quotes the name, in marks of its own.
  for (const Row& row : rows_) {
    std::vector<std::string> names = row.aliases;
    names.push_back(row.name);
    for (const std::string& name : names) {
      if (complaint.find("‘" + name + "’") == std::string::npos &&
          complaint.find("'" + name + "'") == std::string::npos) {
        continue;
      }
      return absl::InvalidArgumentError("--" + name + ": expected " + row.argument +
                                        " behind it, got nothing; see " + program_ + " --help");
    }
  }
  return absl::InvalidArgumentError(complaint + "; see " + program_ + " --help");
}

absl::Status FlagTable::UnknownFlag(const std::string& name) const {
  if (!name.starts_with('-')) {
    return absl::InvalidArgumentError("'" + name + "' is no flag; " + program_ +
                                      " takes flags only, see --help");
  }
  std::vector<std::string> known = {"--help", "--version"};
  for (const Row& row : rows_) {
    known.push_back("--" + row.name);
    for (const std::string& alias : row.aliases) known.push_back("--" + alias);
  }
  const std::string typed = name.substr(0, name.find('='));
  std::string text = "unknown flag " + typed;
  if (const auto nearest = FindNearestName(typed, known)) text += "; did you mean " + *nearest + "?";
  return absl::InvalidArgumentError(text + " See " + program_ + " --help");
}

FlagTable::Row* FlagTable::Find(std::string_view name) {
  return const_cast<Row*>(std::as_const(*this).Find(name));
}

const FlagTable::Row* FlagTable::Find(std::string_view name) const {
  for (const Row& row : rows_) {
    if (row.name == name) return &row;
    if (std::find(row.aliases.begin(), row.aliases.end(), name) != row.aliases.end()) return &row;
  }
  return nullptr;
}

bool FlagTable::WasGiven(std::string_view name) const {
  const Row* row = Find(name);
  return row != nullptr && row->was_given;
}

std::string FlagTable::Help() const {
  constexpr size_t kHelpColumn = 34;
  std::string text = program_ + ": " + summary_ + "\n\nUsage: " + program_ + " [flags]\n";
  std::string section;
  for (const Row& row : rows_) {
    if (row.section != section) {
      section = row.section;
      text += "\n" + section + ":\n";
    }
    std::string left = "  --" + row.name + (row.argument.empty() ? "" : " " + row.argument);
    left += left.size() + 2 > kHelpColumn ? "\n" + std::string(kHelpColumn, ' ')
                                          : std::string(kHelpColumn - left.size(), ' ');
    text += left;
    AppendWrapped(row.help + (row.default_text.empty() ? "" : " [default: " + row.default_text + "]"),
                  kHelpColumn, text);
    text += '\n';
  }
  text +=
      "\n  --help                            Print this text.\n  --version                         Print the "
      "version.\n";
  return text;
}

std::string FlagTable::ConfigurationJson() const {
  Json json = Json::object();
  for (const Row& row : rows_) {
    if (row.json) json[Underscored(row.name)] = Json::parse(row.json());
  }
  return json.dump();
}

}  // namespace llmdyno
