#include "llmdyno/report/comparison_condition.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/status_macros.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : text_(text) {}

  absl::StatusOr<ComparisonCondition> Parse() {
    ComparisonCondition condition;
    condition.text = std::string(text_);
    LLMDYNO_RETURN_IF_ERROR(ParseMetric(condition));
    LLMDYNO_RETURN_IF_ERROR(ParseDirection(condition));
    LLMDYNO_RETURN_IF_ERROR(ParseLimit(condition));
    return condition;
  }

 private:
  absl::Status Wrong(size_t at, const std::string& what) const {
    return absl::InvalidArgumentError("--fail-if '" + std::string(text_) + "', character " +
                                      std::to_string(at + 1) + ": " + what);
  }
  void SkipSpaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  absl::Status ParseMetric(ComparisonCondition& condition) {
    SkipSpaces();
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '<' && text_[at_] != '>' && text_[at_] != ' ') ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    condition.metric = FindComparedMetric(name);
    if (condition.metric != nullptr) return absl::OkStatus();
    if (name.empty()) return Wrong(begin, "expected a metric, as in 'ttft_p99>+5%'");
    std::vector<std::string> known = {"throughput"};
    for (const ComparedMetric& metric : ComparedMetrics()) known.push_back(metric.name);
    const auto nearest = FindNearestName(name, known);
    return Wrong(begin, "unknown metric '" + name + "'; " +
                            (nearest ? "did you mean " + *nearest + "?"
                                     : "known are output_tokens_per_s, requests_per_s, error_share and "
                                       "ttft, tpot, itl, e2e … with _mean, _p50, _p90, _p95 or _p99"));
  }

  absl::Status ParseDirection(ComparisonCondition& condition) {
    SkipSpaces();
    if (at_ >= text_.size() || (text_[at_] != '>' && text_[at_] != '<')) {
      return Wrong(at_, "expected > or <, as in '" + condition.metric->name + ">+5%'");
    }
    condition.fails_above = text_[at_++] == '>';
    SkipSpaces();
    const char sign = condition.fails_above ? '+' : '-';
    if (at_ < text_.size() && text_[at_] == sign) {
      ++at_;
      return absl::OkStatus();
    }
    return Wrong(at_, std::string("expected ") + sign + " and a limit: '" + condition.metric->name +
                          (condition.fails_above ? ">+5%' fails when B is more than 5 % above A"
                                                 : "<-5%' fails when B is more than 5 % below A"));
  }

  absl::Status ParseLimit(ComparisonCondition& condition) {
    SkipSpaces();
    double limit = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), limit);
    if (error != std::errc() || limit < 0 || !std::isfinite(limit)) {
      return Wrong(at_, "expected a number from 0 on, as in 5% or 20ms");
    }
    at_ = static_cast<size_t>(end - text_.data());
    SkipSpaces();
    std::string_view unit = text_.substr(at_);
    while (unit.ends_with(' ')) unit.remove_suffix(1);
    const auto factor = FactorOf(unit, *condition.metric, condition.is_percent);
    if (!factor) {
      return Wrong(at_, "unknown unit '" + std::string(unit) + "' for " + condition.metric->name +
                            ": expected " + KnownUnits(*condition.metric));
    }
    condition.limit = (condition.fails_above ? 1 : -1) * limit * *factor;
    return absl::OkStatus();
  }

  static std::string KnownUnits(const ComparedMetric& metric) {
    if (metric.unit == "ms") return "%, us, ms or s";
    if (metric.unit == "1") return "% (percentage points)";
    return "% or " + metric.unit;
  }

  static std::optional<double> FactorOf(std::string_view unit, const ComparedMetric& metric,
                                        bool& is_percent) {
    is_percent = unit == "%";
    // A share is itself in percent, so a limit in percent is one of points.
    if (metric.unit == "1") {
      if (!is_percent) return std::nullopt;
      is_percent = false;
      return 0.01;
    }
    if (is_percent || unit == metric.unit) return 1;
    if (metric.unit != "ms") return unit.empty() ? std::optional(1.0) : std::nullopt;
    if (unit == "us") return 1e-3;
    if (unit == "s") return 1e3;
    return std::nullopt;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// What a condition looks at.
struct Looked {
  const ComparisonCondition* condition = nullptr;
  std::string level;
  const MetricComparison* metric = nullptr;  // null: not there
  std::optional<double> difference;
  std::optional<Interval> ci95;
};

std::string Signed(double value, const ComparisonCondition& condition) {
  const bool is_share = condition.metric->unit == "1";
  const double shown = is_share ? 100 * value : value;
  const std::string unit = condition.is_percent ? " %" : is_share ? " points" : " " + condition.metric->unit;
  return (shown >= 0 ? "+" : "") + Fixed(shown, 2) + unit;
}

bool IsBeyond(const ComparisonCondition& condition, double difference) {
  return condition.fails_above ? difference > condition.limit : difference < condition.limit;
}

std::vector<Looked> LookAt(const ResultComparison& comparison,
                           const std::vector<ComparisonCondition>& conditions) {
  std::vector<Looked> all;
  for (const ComparisonCondition& condition : conditions) {
    for (const LevelComparison& level : comparison.levels) {
      Looked looked{&condition, level.key, level.Find(condition.metric->name), {}, {}};
      if (looked.metric != nullptr) {
        const Difference& difference = looked.metric->difference;
        looked.difference = condition.is_percent ? difference.percent : difference.absolute;
        looked.ci95 = condition.is_percent ? difference.percent_ci95 : difference.absolute_ci95;
      }
      all.push_back(std::move(looked));
    }
    for (const auto* keys : {&comparison.only_in_a, &comparison.only_in_b}) {
      for (const std::string& key : *keys) all.push_back({&condition, key, nullptr, {}, {}});
    }
  }
  return all;
}

// What the difference is, and what decides.
ConditionJudgement Judge(const Looked& looked, std::optional<double> corrected_p, double level) {
  ConditionJudgement judgement;
  judgement.condition = looked.condition->text;
  judgement.level = looked.level;
  judgement.difference = looked.difference;
  judgement.corrected_p = corrected_p;
  if (!looked.difference) {
    judgement.outcome = ConditionOutcome::kInDoubt;
    judgement.sentence = "not there on both sides";
    return judgement;
  }
  const ComparisonCondition& condition = *looked.condition;
  const bool is_beyond = IsBeyond(condition, *looked.difference);
  std::string text = Signed(*looked.difference, condition);
  if (looked.ci95) {
    text += " (" + Signed(looked.ci95->low, condition) + " to " + Signed(looked.ci95->high, condition) + ")";
  }
  if (corrected_p) text += ", corrected p " + (*corrected_p < 0.001 ? "< 0.001" : Fixed(*corrected_p, 3));
  if (is_beyond && corrected_p && *corrected_p <= level) {
    judgement.outcome = ConditionOutcome::kFails;
    text += ": beyond the limit, and real";
  } else if (is_beyond) {
    judgement.outcome = ConditionOutcome::kInDoubt;
    text += corrected_p ? ": beyond the limit, but it may be chance" : ": beyond the limit, but not tested";
  } else if (!looked.ci95) {
    judgement.outcome = ConditionOutcome::kInDoubt;
    text += ": within the limit, but not tested";
  } else if (IsBeyond(condition, condition.fails_above ? looked.ci95->high : looked.ci95->low)) {
    judgement.outcome = ConditionOutcome::kInDoubt;
    text += ": within the limit, but it could be beyond it";
  } else {
    text += ": within the limit";
  }
  judgement.sentence = std::move(text);
  return judgement;
}

}  // namespace

absl::StatusOr<ComparisonCondition> ParseCondition(std::string_view text) {
  return ConditionParser(text).Parse();
}

std::string_view ToString(ConditionOutcome outcome) {
  switch (outcome) {
    case ConditionOutcome::kHolds:
      return "holds";
    case ConditionOutcome::kFails:
      return "fails";
    case ConditionOutcome::kInDoubt:
      return "in doubt";
  }
  return "";
}

absl::StatusOr<std::vector<ConditionJudgement>> JudgeConditions(
    const ResultComparison& comparison, const std::vector<ComparisonCondition>& conditions, double level) {
  const std::vector<Looked> all = LookAt(comparison, conditions);
  for (const ComparisonCondition& condition : conditions) {
    const bool exists = std::any_of(all.begin(), all.end(), [&](const Looked& looked) {
      return looked.condition == &condition && looked.difference;
    });
    if (!exists) {
      return absl::InvalidArgumentError("--fail-if '" + condition.text + "': no level of both results has " +
                                        condition.metric->name);
    }
  }
  std::vector<double> p_values;
  for (const Looked& looked : all) {
    if (looked.metric != nullptr && looked.metric->difference.p_value) {
      p_values.push_back(*looked.metric->difference.p_value);
    }
  }
  const std::vector<double> corrected = CorrectedByHolm(p_values);
  std::vector<ConditionJudgement> judgements;
  size_t next = 0;
  for (const Looked& looked : all) {
    const bool is_tested = looked.metric != nullptr && looked.metric->difference.p_value.has_value();
    judgements.push_back(Judge(looked, is_tested ? std::optional(corrected[next++]) : std::nullopt, level));
  }
  return judgements;
}

}  // namespace llmdyno
