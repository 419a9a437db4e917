// The table of a comparison, and the lines of its conditions.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "llmdyno/base/number_text.h"
#include "llmdyno/report/comparison_condition.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kName = 26;
constexpr size_t kValue = 14;
constexpr size_t kDifference = 28;
constexpr size_t kP = 9;
constexpr double kLevel = 0.05;

std::string SignedFixed(double value, int decimals) {
  return (value >= 0 ? "+" : "") + Fixed(value, decimals);
}

// A difference of a hundredth of a percent is worth its digits, one of 300 % is not.
int DecimalsFor(double percent) { return std::abs(percent) < 10 ? 2 : 1; }

std::string PText(const std::optional<double>& p) {
  if (!p) return "-";
  return *p < 0.001 ? "<0.001" : Fixed(*p, 3);
}

bool IsShare(const ComparedMetric& metric) { return metric.unit == "1"; }

std::string ValueText(double value, const ComparedMetric& metric) {
  if (IsShare(metric)) return Fixed(100 * value, 2) + " %";
  // Microseconds matter where there are no milliseconds; of thousands of tokens a second no fraction does.
  const double size = std::abs(value);
  return Fixed(value, size >= 10'000 ? 0 : size < 1 ? 4 : 2);
}

std::string DifferenceText(const Difference& difference, const ComparedMetric& metric) {
  const bool is_percent = difference.percent.has_value();
  const double scale = is_percent ? 1 : IsShare(metric) ? 100 : 1;
  const double value = is_percent ? *difference.percent : scale * difference.absolute;
  const auto& ci95 = is_percent ? difference.percent_ci95 : difference.absolute_ci95;
  const int decimals = DecimalsFor(value);
  std::string text = SignedFixed(value, decimals) + (is_percent ? " %" : "");
  if (ci95) {
    text += " (" + SignedFixed(scale * ci95->low, decimals) + " to " +
            SignedFixed(scale * ci95->high, decimals) + ")";
  }
  return text;
}

std::string DetectableText(const Difference& difference, const ComparedMetric& metric) {
  if (difference.percent && difference.detectable_percent) {
    return Fixed(*difference.detectable_percent, *difference.detectable_percent < 1 ? 2 : 1) + " %";
  }
  if (!difference.detectable_absolute) return "";
  return IsShare(metric) ? Fixed(100 * *difference.detectable_absolute, 2) + " points"
                         : Fixed(*difference.detectable_absolute, 2) + " " + metric.unit;
}

std::string Reading(const MetricComparison& metric) {
  const Difference& difference = metric.difference;
  if (!difference.p_value) return metric.note;
  if (*difference.p_value <= kLevel) {
    return (difference.absolute >= 0 ? "B is higher; " : "B is lower; ") +
           std::string(ToString(difference.test));
  }
  const std::string detectable = DetectableText(difference, *metric.metric);
  return "none shown" + (detectable.empty() ? "" : ", ~" + detectable + " would be") + "; " +
         std::string(ToString(difference.test));
}

std::string Row(const MetricComparison& metric) {
  const std::string unit = IsShare(*metric.metric) ? "" : " (" + metric.metric->unit + ")";
  const bool has_unit_in_name = metric.metric->unit != "ms";
  return PadRight("  " + metric.metric->name + (has_unit_in_name ? "" : unit), kName) +
         PadLeft(ValueText(metric.difference.a, *metric.metric), kValue) +
         PadLeft(ValueText(metric.difference.b, *metric.metric), kValue) + "  " +
         PadRight(DifferenceText(metric.difference, *metric.metric), kDifference) +
         PadLeft(PText(metric.difference.p_value), kP) + "  " + Reading(metric) + "\n";
}

std::string Ranks(const Difference& ranks) {
  return "  Of two requests, one of each, B's takes longer with probability " + Fixed(ranks.b, 3) +
         " (Mann-Whitney, p " + PText(ranks.p_value) + ")" +
         (ranks.p_value && *ranks.p_value > kLevel ? ": no difference that this sample could show" : "") +
         "\n";
}

std::string LevelText(const LevelComparison& level) {
  std::string text = "\nLevel " + level.key;
  if (level.runs_a > 1 || level.runs_b > 1) {
    text += ": " + Count(level.runs_a, "run") + " of A, " + Count(level.runs_b, "run") + " of B";
  }
  text += "\n" + PadRight("  Metric", kName) + PadLeft("A", kValue) + PadLeft("B", kValue) + "  " +
          PadRight("Difference (95 %)", kDifference) + PadLeft("p", kP) + "  Reading\n";
  bool any_none = false;
  for (const MetricComparison& metric : level.metrics) {
    if (!metric.metric->is_shown) continue;
    text += Row(metric);
    any_none = any_none || (metric.difference.p_value && *metric.difference.p_value > kLevel);
  }
  if (level.e2e_ranks && level.e2e_ranks->p_value) text += Ranks(*level.e2e_ranks);
  for (const std::string& note : level.notes) text += "  ! " + note + "\n";
  if (any_none) {
    text +=
        "  none shown: no difference that this sample could show; four of five samples like it would have "
        "shown\n  one of about the size that stands beside it\n";
  }
  return text;
}

std::string Side(const char* name, const ComparedResult& result) {
  std::string text = std::string(name) + "  " + OneLine(result.label);
  if (result.is_simulated) text += " SIMULATED";
  const bool is_suspect = std::any_of(result.levels.begin(), result.levels.end(),
                                      [](const ComparedLevel& level) { return level.is_valid == false; });
  if (is_suspect) text += " SUSPECT";
  text += " | " + std::string(ToString(result.kind));
  if (!result.model.empty()) text += " | " + OneLine(result.model);
  if (!result.endpoint.empty()) text += " | " + OneLine(result.endpoint);
  return text + "\n   " + result.source + "\n";
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string Configuration(const ResultComparison& comparison) {
  std::string text;
  for (const ConfigurationDifference& difference : comparison.configuration) {
    text += std::string(difference.matters ? "  ! " : "    ") + difference.name + ": " +
            OneLine(difference.a) + " | " + OneLine(difference.b) +
            (difference.matters ? "   (other requests or another load)" : "") + "\n";
  }
  return text.empty() ? "" : "Configurations differ (A | B):\n" + text;
}

}  // namespace

std::string FormatResultComparison(const ResultComparison& comparison) {
  std::string text = Side("A", comparison.a) + Side("B", comparison.b) + Configuration(comparison);
  for (const std::string& note : comparison.notes) text += Wrap("Note: " + note, kReportWidth, "  ");
  for (const LevelComparison& level : comparison.levels) text += LevelText(level);
  if (!comparison.only_in_a.empty()) text += "\nLevels of A only: " + Joined(comparison.only_in_a) + "\n";
  if (!comparison.only_in_b.empty()) text += "\nLevels of B only: " + Joined(comparison.only_in_b) + "\n";
  text +=
      "\nRequests of a run share the endpoint's queue: errors come from blocks of time, and neighbours that "
      "are\nalike count for less. p-values in tables are of one comparison each; of every twenty without a "
      "difference\none is below 0.05.\n";
  return text;
}

std::string FormatJudgements(const std::vector<ConditionJudgement>& judgements, double level) {
  std::string text = "\nConditions, at a level of " + Fixed(level, 2) + " for all " +
                     std::to_string(judgements.size()) + " together (Holm)\n";
  for (const ConditionJudgement& judgement : judgements) {
    std::string outcome(ToString(judgement.outcome));
    if (judgement.outcome == ConditionOutcome::kFails) outcome = "FAILS";
    text += PadRight("  " + outcome, 12) + judgement.condition + " at " + judgement.level + ": " +
            judgement.sentence + "\n";
  }
  return text;
}

}  // namespace llmdyno
