#include "report/compare_command.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "cli/flag_table.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/comparison.h"
#include "llmdyno/report/comparison_condition.h"
#include "llmdyno/report/result_comparison.h"
#include "llmdyno/report/result_file.h"
#include "report/split_arguments.h"

namespace llmdyno {
namespace {

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

struct CompareOptions {
  std::vector<std::string> fail_if;
  std::string on_doubt = "pass";
  double level = 0.05;
  bool force = false;
  std::string json;
  int64_t seed = 1;
};

void AddFlags(CompareOptions& options, FlagTable& table) {
  table.Section("Flags");
  table.Repeated("fail-if", options.fail_if, "CONDITION",
                 "Exit with status 7 when B differs from A like this and the difference is real: "
                 "'ttft_p99>+5%', 'throughput<-3%', 'e2e_p50>+20ms'");
  table.Choice("on-doubt", options.on_doubt, {"pass", "fail"},
               "Let a condition pass or fail when the samples are too small to tell");
  table.Real("level", options.level, 0, "P",
             "Call a difference real when chance makes one like it this seldom, over all conditions");
  table.Switch("force", options.force, "Compare although the configurations differ in what matters");
  table.Text("json", options.json, "FILE",
             "Write every figure to this file; - for standard output, instead of the table");
  table.Integer("seed", options.seed, {.min = 0}, "N", "Draw the bootstrap's samples by this seed");
}

absl::StatusOr<CommandOutput> SideBySide(const std::vector<std::string>& files) {
  std::vector<RunDigest> runs;
  for (const std::string& file : files) {
    LLMDYNO_ASSIGN_OR_RETURN(RunDigest run, ReadRunDigest(file));
    runs.push_back(std::move(run));
  }
  return CommandOutput{FormatComparison(runs)};
}

absl::Status CheckConfigurations(const ResultComparison& comparison) {
  if (comparison.MayBeCompared()) return absl::OkStatus();
  std::string text = "A and B were asked for different things:";
  for (const ConfigurationDifference& difference : comparison.configuration) {
    if (difference.matters) text += " " + difference.name + " " + difference.a + " and " + difference.b + ";";
  }
  return absl::FailedPreconditionError(
      text + " a difference would say nothing of the endpoints (--force compares all the same)");
}

bool IsFailed(const std::vector<ConditionJudgement>& judgements, bool doubt_fails) {
  return std::any_of(judgements.begin(), judgements.end(), [&](const ConditionJudgement& judgement) {
    return judgement.outcome == ConditionOutcome::kFails ||
           (doubt_fails && judgement.outcome == ConditionOutcome::kInDoubt);
  });
}

// The old table stands above where both are races: it has the totals.
std::string TotalsOf(const std::vector<std::string>& files) {
  const auto totals = SideBySide(files);
  return totals.ok() ? totals->text + "\n" : "";
}

absl::StatusOr<CommandOutput> CompareTwo(const std::vector<std::string>& files,
                                         const CompareOptions& options) {
  std::vector<ComparisonCondition> conditions;
  for (const std::string& text : options.fail_if) {
    LLMDYNO_ASSIGN_OR_RETURN(ComparisonCondition condition, ParseCondition(text));
    conditions.push_back(std::move(condition));
  }
  LLMDYNO_ASSIGN_OR_RETURN(ComparedResult a, ReadComparedResult(files[0]));
  LLMDYNO_ASSIGN_OR_RETURN(ComparedResult b, ReadComparedResult(files[1]));
  const bool are_races = a.kind == ResultKind::kRace && b.kind == ResultKind::kRace;
  LLMDYNO_ASSIGN_OR_RETURN(
      const ResultComparison comparison,
      CompareResults(std::move(a), std::move(b), {.seed = static_cast<uint64_t>(options.seed)}));
  if (!options.force) LLMDYNO_RETURN_IF_ERROR(CheckConfigurations(comparison));
  LLMDYNO_ASSIGN_OR_RETURN(const auto judgements, JudgeConditions(comparison, conditions, options.level));
  CommandOutput output;
  if (IsFailed(judgements, options.on_doubt == "fail")) output.exit = kExitDifference;
  const std::string json = options.json.empty() ? "" : ComparisonJson(comparison, judgements, options.level);
  if (options.json == "-") {
    output.text = json;
    return output;
  }
  if (!json.empty()) LLMDYNO_RETURN_IF_ERROR(WriteResultFile(options.json, json));
  output.text = (are_races ? TotalsOf(files) : "") + FormatResultComparison(comparison);
  if (!judgements.empty()) output.text += FormatJudgements(judgements, options.level);
  return output;
}

}  // namespace

absl::StatusOr<CommandOutput> RunCompareCommand(const std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 8> kWithValue = {
      "--fail-if", "--fail_if", "--on-doubt", "--on_doubt", "--level", "--json", "--seed", "-o"};
  CompareOptions options;
  FlagTable table("llmdyno-report compare",
                  "compares two results, A and B, level by level with tests; several races in one table.");
  AddFlags(options, table);
  const SplitArguments split = SplitOffFiles(arguments, kWithValue);
  LLMDYNO_ASSIGN_OR_RETURN(const FlagTable::Action action, table.Parse(split.flags));
  if (action == FlagTable::Action::kHelp) return CommandOutput{table.Help()};
  if (action == FlagTable::Action::kVersion) return CommandOutput{"llmdyno-report " LLMDYNO_VERSION "\n"};
  if (options.level <= 0 || options.level >= 1)
    return Wrong("--level: expected a share between 0 and 1, such as 0.05");
  if (split.files.size() < 2) return Wrong("compare needs two or more files or folders of results");
  if (split.files.size() == 2) return CompareTwo(split.files, options);
  if (!options.fail_if.empty() || !options.json.empty()) {
    return Wrong("--fail-if and --json compare two results; " + std::to_string(split.files.size()) +
                 " were named");
  }
  return SideBySide(split.files);
}

}  // namespace llmdyno
