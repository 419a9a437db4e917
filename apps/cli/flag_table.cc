#include "cli/flag_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/command_line.h"
#include "cli/flag_help.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

absl::Status Expected(std::string_view what, const std::string& value) {
  return absl::InvalidArgumentError("expected " + std::string(what) + ", got '" + value + "'");
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

}  // namespace

FlagTable::FlagTable(std::string program, std::string summary)
    : program_(std::move(program)), summary_(std::move(summary)) {}

void FlagTable::Section(std::string title) { section_ = std::move(title); }

FlagRow& FlagTable::Add(std::string name, std::string argument, std::string help) {
  FlagRow row;
  row.section = section_;
  row.name = std::move(name);
  row.argument = std::move(argument);
  row.help = std::move(help);
  rows_.push_back(std::move(row));
  return rows_.back();
}

void FlagTable::Text(std::string name, std::string& target, std::string argument, std::string help) {
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
  row.default_text = target;
  row.set = [&target](const std::string& value) {
    target = value;
    return absl::OkStatus();
  };
  row.json = [&target] { return Json(target).dump(-1, ' ', false, Json::error_handler_t::replace); };
}

void FlagTable::Text(std::string name, std::optional<std::string>& target, std::string argument,
                     std::string help) {
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
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
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
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
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
  if (target) row.default_text = std::to_string(*target);
  row.set = [&target, range](const std::string& value) {
    const auto number = ReadInteger(value, range);
    if (number.ok()) target = *number;
    return number.status();
  };
  row.json = [&target] { return target ? std::to_string(*target) : "null"; };
}

void FlagTable::Real(std::string name, double& target, double min, std::string argument, std::string help) {
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
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
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
  if (target) row.default_text = Json(*target).dump();
  row.set = [&target, min](const std::string& value) {
    const auto number = ReadReal(value, min);
    if (number.ok()) target = *number;
    return number.status();
  };
  row.json = [&target] { return target ? Json(*target).dump() : "null"; };
}

void FlagTable::Time(std::string name, Duration& target, std::string help) {
  FlagRow& row = Add(std::move(name), "DURATION", std::move(help));
  row.default_text = target == Duration::zero() ? "no limit" : ToString(target);
  row.set = [&target](const std::string& value) {
    const auto duration = ParseDuration(value);
    if (duration.ok()) target = *duration;
    return duration.status();
  };
  row.json = [&target] { return Json(ToString(target)).dump(); };
}

void FlagTable::Time(std::string name, std::optional<Duration>& target, std::string help) {
  FlagRow& row = Add(std::move(name), "DURATION", std::move(help));
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
  FlagRow& row = Add(std::move(name), "", std::move(help));
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
  rows_.back().choices = choices;
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
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
  row.set = [&target](const std::string& value) {
    target = Secret(value);
    return absl::OkStatus();
  };
}

void FlagTable::Repeated(std::string name, std::vector<std::string>& target, std::string argument,
                         std::string help, Recorded recorded) {
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help) + " (may be given several times)");
  row.set = [&target](const std::string& value) {
    target.push_back(value);
    return absl::OkStatus();
  };
  row.json = [&target, recorded] {
    if (recorded == nullptr) return Json{{"count", target.size()}}.dump();
    Json values = Json::array();
    for (const std::string& value : target) values.push_back(recorded(value));
    return values.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
}

void FlagTable::Values(std::string name, std::vector<std::string>& target, std::string argument,
                       std::string help) {
  FlagRow& row = Add(std::move(name), std::move(argument), std::move(help));
  row.takes_several = true;
  row.set = [&target](const std::string& value) {
    target.push_back(value);
    return absl::OkStatus();
  };
  row.json = [&target] { return Json(target).dump(); };
}

void FlagTable::Alias(std::string name) { rows_.back().aliases.push_back(std::move(name)); }

void FlagTable::DescribeDefault(std::string text) { rows_.back().default_text = std::move(text); }

absl::StatusOr<FlagTable::Action> FlagTable::Parse(const std::vector<std::string>& arguments) {
  LLMDYNO_ASSIGN_OR_RETURN(const CommandLine line, ReadCommandLine(program_, rows_, arguments));
  help_as_json_ = line.wants_help_as_json;
  if (line.wants_help) return Action::kHelp;
  if (line.wants_version) return Action::kVersion;
  for (const CommandLine::Given& given : line.given) {
    FlagRow& row = *Find(given.name);
    row.was_given = true;
    if (absl::Status status = row.set(given.value); !status.ok()) {
      return absl::Status(status.code(), "--" + row.name + ": " + std::string(status.message()));
    }
  }
  return Action::kRun;
}

FlagRow* FlagTable::Find(std::string_view name) {
  return const_cast<FlagRow*>(std::as_const(*this).Find(name));
}

const FlagRow* FlagTable::Find(std::string_view name) const {
  for (const FlagRow& row : rows_) {
    if (row.name == name) return &row;
    if (std::find(row.aliases.begin(), row.aliases.end(), name) != row.aliases.end()) return &row;
  }
  return nullptr;
}

bool FlagTable::WasGiven(std::string_view name) const {
  const FlagRow* row = Find(name);
  return row != nullptr && row->was_given;
}

std::string FlagTable::Help() const {
  if (!help_as_json_) return FormatFlagHelp(program_, summary_, rows_);
  std::vector<FlagRow> rows = rows_;
  for (const auto& [name, help] :
       {std::pair{"help", "Print this text."}, {"version", "Print the version."}}) {
    FlagRow& row = rows.emplace_back();
    row.name = name;
    row.help = help;
  }
  return FlagHelpJson(program_, summary_, rows);
}

std::string FlagTable::ConfigurationJson() const {
  Json json = Json::object();
  for (const FlagRow& row : rows_) {
    if (row.json) json[Underscored(row.name)] = Json::parse(row.json());
  }
  return json.dump();
}

}  // namespace llmdyno
