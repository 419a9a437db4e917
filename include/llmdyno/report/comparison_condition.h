// Conditions that a comparison has to meet: 'ttft_p99>+5%' fails when that figure of B is more than 5 % above
// A's and the test says that the difference is real. `llmdyno report` calls it for --fail-if. Plain values
// and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/report/result_comparison.h"

namespace llmdyno {

// One condition, read but not yet judged.
struct ComparisonCondition {
  std::string text;  // as written
  const ComparedMetric* metric = nullptr;
  bool fails_above = true;  // '>+': a larger difference fails; '<-': a smaller one
  double limit = 0;         // with its sign; percent, or in the metric's unit
  bool is_percent = true;
};

// "METRIC>+LIMIT" or "METRIC<-LIMIT", LIMIT being a number with % (of a share: percentage points), with a
// unit of time, or bare in the metric's own unit. The error names the character, and the nearest metric.
absl::StatusOr<ComparisonCondition> ParseCondition(std::string_view text);

// What the two results say of a condition.
enum class ConditionOutcome {
  kHolds,    // the difference, its interval included, is within the limit
  kFails,    // beyond the limit, and real
  kInDoubt,  // the samples are too small to tell
};
std::string_view ToString(ConditionOutcome outcome);  // "holds", "fails", "in doubt"

// One condition at one level.
struct ConditionJudgement {
  std::string condition;
  std::string level;
  ConditionOutcome outcome = ConditionOutcome::kHolds;
  std::optional<double> difference;   // in the condition's unit
  std::optional<double> corrected_p;  // by Holm, over all conditions at all levels
  std::string sentence;
};

// One judgement per condition and level. `level` of significance: the chance that any of them fails although
// nothing differs. A level that only one result has, and a figure that a level has not, is in doubt.
// InvalidArgument when a condition's metric exists at no level.
absl::StatusOr<std::vector<ConditionJudgement>> JudgeConditions(
    const ResultComparison& comparison, const std::vector<ComparisonCondition>& conditions,
    double level = 0.05);

// For people; ends in a newline.
std::string FormatJudgements(const std::vector<ConditionJudgement>& judgements, double level);
// Everything of both, for programs.
std::string ComparisonJson(const ResultComparison& comparison,
                           const std::vector<ConditionJudgement>& judgements, double level);

}  // namespace llmdyno
