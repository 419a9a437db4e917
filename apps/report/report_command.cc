#include "report/report_command.h"

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/flag_table.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/comparison.h"
#include "llmdyno/report/cost_block.h"
#include "llmdyno/report/race_table.h"
#include "llmdyno/report/record_log_report.h"
#include "llmdyno/report/run_digest.h"
#include "report/plot_command.h"

namespace llmdyno {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kUsage =
    "llmdyno-report: explains the files of finished races and plots those of sweeps.\n"
    "\n"
    "Usage:\n"
    "  llmdyno-report show FILE|FOLDER                         Print a race's final block from its "
    "records.jsonl.\n"
    "  llmdyno-report compare FILE|FOLDER FILE|FOLDER...       Print several races side by side.\n"
    "  llmdyno-report cost --csv FILE --price-per-hour USD     Print what a million tokens cost.\n"
    "  llmdyno-report plot FILE|FOLDER... --output IMAGE       Draw results of sweeps, and print the "
    "numbers.\n"
    "\n"
    "A FILE is a race's CSV, summary.json or records.jsonl, or a sweep's results; a FOLDER holds them.\n"
    "llmdyno-report SUBCOMMAND --help prints the flags of one.\n";

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

// A command line split into what the flag table reads and what are files. Everything after "--" is a file.
struct Split {
  Arguments flags;
  Arguments files;
};

Split SplitOffFiles(const Arguments& arguments) {
  Split split;
  bool only_files = false;
  for (const std::string& argument : arguments) {
    if (argument == "--" && !only_files) {
      only_files = true;
    } else if (!only_files && argument.size() > 1 && argument.starts_with('-')) {
      split.flags.push_back(argument);
    } else {
      split.files.push_back(argument);
    }
  }
  return split;
}

// Reads flags; an answer means that --help or --version was asked for and this is it.
absl::StatusOr<std::optional<std::string>> ReadFlags(FlagTable& table, const Arguments& flags) {
  LLMDYNO_ASSIGN_OR_RETURN(const FlagTable::Action action, table.Parse(flags));
  if (action == FlagTable::Action::kHelp) return table.Help();
  if (action == FlagTable::Action::kVersion) return std::string("llmdyno-report " LLMDYNO_VERSION "\n");
  return std::nullopt;
}

absl::StatusOr<std::string> Cost(const Arguments& arguments) {
  std::string file;
  std::optional<double> price_per_hour;
  FlagTable table("llmdyno-report cost",
                  "prints what a million tokens cost, from a race's files and a price per hour.");
  table.Section("Flags");
  table.Text("csv", file, "FILE", "Read this CSV (or summary.json, records.jsonl, or a folder with them)");
  table.Real("price-per-hour", price_per_hour, 0, "USD",
             "Take this price of the machine, in US dollars per hour");
  LLMDYNO_ASSIGN_OR_RETURN(const auto answer, ReadFlags(table, arguments));
  if (answer) return *answer;
  if (file.empty()) return Wrong("cost needs --csv FILE");
  if (!price_per_hour) return Wrong("cost needs --price-per-hour USD");
  if (*price_per_hour <= 0) return Wrong("--price-per-hour: expected a price above zero, got 0");
  LLMDYNO_ASSIGN_OR_RETURN(const RunDigest run, ReadRunDigest(file));
  return FormatCostBlock(run, MicroUsd::FromUsd(*price_per_hour));
}

absl::StatusOr<std::string> Compare(const Arguments& arguments) {
  FlagTable table("llmdyno-report compare",
                  "prints several races side by side; name their files or folders.");
  const Split split = SplitOffFiles(arguments);
  LLMDYNO_ASSIGN_OR_RETURN(const auto answer, ReadFlags(table, split.flags));
  if (answer) return *answer;
  if (split.files.size() < 2) return Wrong("compare needs two or more files or folders of races");
  std::vector<RunDigest> runs;
  for (const std::string& file : split.files) {
    LLMDYNO_ASSIGN_OR_RETURN(RunDigest run, ReadRunDigest(file));
    runs.push_back(std::move(run));
  }
  return FormatComparison(runs);
}

// The record log that a path means: itself, or the one in a folder or beside a result file.
absl::StatusOr<std::string> FindRecordLog(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(path, error)) return absl::NotFoundError("there is no file or folder '" + path + "'");
  const fs::path given(path);
  const bool is_folder = fs::is_directory(given, error);
  if (!is_folder && given.extension() != ".json" && given.extension() != ".csv") return path;
  const fs::path log = (is_folder ? given : given.parent_path()) / "records.jsonl";
  if (!fs::is_regular_file(log, error)) {
    return absl::NotFoundError("there is no records.jsonl " + std::string(is_folder ? "in '" : "beside '") +
                               path + "'");
  }
  return log.string();
}

absl::StatusOr<std::string> Show(const Arguments& arguments) {
  FlagTable table("llmdyno-report show",
                  "prints a race's final block from its records.jsonl; name it or its folder.");
  const Split split = SplitOffFiles(arguments);
  LLMDYNO_ASSIGN_OR_RETURN(const auto answer, ReadFlags(table, split.flags));
  if (answer) return *answer;
  if (split.files.size() != 1) return Wrong("show needs one file or folder of a race");
  LLMDYNO_ASSIGN_OR_RETURN(const std::string log, FindRecordLog(split.files.front()));
  LLMDYNO_ASSIGN_OR_RETURN(const RaceReport report, ReadReportFromRecordLog(log));
  return FormatRaceTable(report);
}

using Subcommand = absl::StatusOr<std::string> (*)(const Arguments&);
constexpr std::array<std::pair<std::string_view, Subcommand>, 4> kSubcommands = {
    {{"cost", Cost}, {"compare", Compare}, {"plot", RunPlotCommand}, {"show", Show}}};

absl::Status UnknownSubcommand(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [subcommand, unused] : kSubcommands) known.emplace_back(subcommand);
  std::string text = "unknown subcommand '" + name + "'";
  if (const auto nearest = FindNearestName(name, known)) text += "; did you mean " + *nearest + "?";
  return Wrong(text + " Known are cost, compare, plot and show");
}

}  // namespace

absl::StatusOr<std::string> RunReportCommand(const std::vector<std::string>& arguments) {
  if (arguments.empty())
    return Wrong("a subcommand is missing: cost, compare, plot or show; see llmdyno-report --help");
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") return std::string(kUsage);
  if (name == "--version") return std::string("llmdyno-report " LLMDYNO_VERSION "\n");
  for (const auto& [subcommand, run] : kSubcommands) {
    if (subcommand == name) return run({arguments.begin() + 1, arguments.end()});
  }
  if (name.starts_with('-'))
    return Wrong("unknown flag " + name + "; a subcommand comes first: cost, compare, plot or show");
  return UnknownSubcommand(name);
}

}  // namespace llmdyno
