#include "report/report_command.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/flag_table.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/cost_block.h"
#include "llmdyno/report/race_table.h"
#include "llmdyno/report/record_log_report.h"
#include "llmdyno/report/run_digest.h"
#include "report/compare_command.h"
#include "report/definitions_command.h"
#include "report/find_record_log.h"
#include "report/plot_command.h"
#include "report/split_arguments.h"
#include "report/write_command.h"

namespace llmdyno {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kUsage =
    "llmdyno-report: explains, compares and plots the files of finished runs.\n"
    "\n"
    "Usage:\n"
    "  llmdyno-report show FILE|FOLDER                         Print a race's final block from its "
    "records.jsonl.\n"
    "  llmdyno-report compare FILE|FOLDER FILE|FOLDER...       Test how two results differ, or list races.\n"
    "  llmdyno-report cost --csv FILE --price-per-hour USD     Print what a million tokens cost.\n"
    "  llmdyno-report definitions FILE|FOLDER                  Print what other benchmarks would have "
    "printed.\n"
    "  llmdyno-report plot FILE|FOLDER... --output IMAGE       Draw results of sweeps, and print the "
    "numbers.\n"
    "  llmdyno-report write FILE|FOLDER [--report NAME]        Write a result in another form, such as "
    "markdown.\n"
    "\n"
    "A FILE is a race's CSV, summary.json or records.jsonl, or the results of a benchmark or sweep; a "
    "FOLDER\n"
    "holds them.\n"
    "llmdyno-report SUBCOMMAND --help prints the flags of one.\n";

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

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

absl::StatusOr<CommandOutput> Show(const Arguments& arguments) {
  FlagTable table("llmdyno-report show",
                  "prints a race's final block from its records.jsonl; name it or its folder.");
  bool strict = false;
  table.Section("Flags");
  table.Switch("strict", strict, "End with exit status 5 when the verdict is SUSPECT");
  const SplitArguments split = SplitOffFiles(arguments);
  LLMDYNO_ASSIGN_OR_RETURN(const auto answer, ReadFlags(table, split.flags));
  if (answer) return CommandOutput{*answer};
  if (split.files.size() != 1) return Wrong("show needs one file or folder of a race");
  LLMDYNO_ASSIGN_OR_RETURN(const std::string log, FindRecordLog(split.files.front()));
  LLMDYNO_ASSIGN_OR_RETURN(const RaceReport report, ReadReportFromRecordLog(log));
  const bool is_suspect = report.validity && !report.validity->valid;
  return CommandOutput{FormatRaceTable(report), strict && is_suspect ? kExitSuspect : kExitOk};
}

// Of a subcommand that can but print.
template <auto Run>
absl::StatusOr<CommandOutput> Printing(const Arguments& arguments) {
  LLMDYNO_ASSIGN_OR_RETURN(std::string text, Run(arguments));
  return CommandOutput{std::move(text)};
}

using Subcommand = absl::StatusOr<CommandOutput> (*)(const Arguments&);
constexpr std::array<std::pair<std::string_view, Subcommand>, 6> kSubcommands = {
    {{"cost", Printing<Cost>},
     {"compare", RunCompareCommand},
     {"definitions", Printing<RunDefinitionsCommand>},
     {"plot", Printing<RunPlotCommand>},
     {"show", Show},
     {"write", Printing<RunWriteCommand>}}};

absl::Status UnknownSubcommand(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [subcommand, unused] : kSubcommands) known.emplace_back(subcommand);
  std::string text = "unknown subcommand '" + name + "'";
  if (const auto nearest = FindNearestName(name, known)) text += "; did you mean " + *nearest + "?";
  return Wrong(text + " Known are cost, compare, definitions, plot, show and write");
}

}  // namespace

absl::StatusOr<CommandOutput> RunReportCommand(const std::vector<std::string>& arguments) {
  if (arguments.empty())
    return Wrong(
        "a subcommand is missing: cost, compare, definitions, plot, show or write; see llmdyno-report "
        "--help");
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") return CommandOutput{kUsage};
  if (name == "--version") return CommandOutput{"llmdyno-report " LLMDYNO_VERSION "\n"};
  for (const auto& [subcommand, run] : kSubcommands) {
    if (subcommand == name) return run({arguments.begin() + 1, arguments.end()});
  }
  if (name.starts_with('-'))
    return Wrong("unknown flag " + name +
                 "; a subcommand comes first: cost, compare, definitions, plot, show or write");
  return UnknownSubcommand(name);
}

}  // namespace llmdyno
