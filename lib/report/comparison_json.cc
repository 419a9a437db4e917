// A comparison for programs (docs/result-files.md).
#include "llmdyno/report/comparison_condition.h"
#include "report/report_json.h"

namespace llmdyno {
namespace {

Json SideJson(const ComparedResult& result) {
  return {{"source", result.source},
          {"records", TextOrNull(result.records)},
          {"label", TextOrNull(result.label)},
          {"model", TextOrNull(result.model)},
          {"endpoint", TextOrNull(result.endpoint)},
          {"simulated", result.is_simulated},
          {"llmdyno_version", TextOrNull(result.version)}};
}

Json DifferenceJson(const Difference& difference) {
  return {{"a", difference.a},
          {"b", difference.b},
          {"absolute", difference.absolute},
          {"absolute_ci95", IntervalOrNull(difference.absolute_ci95)},
          {"percent", ValueOrNull(difference.percent)},
          {"percent_ci95", IntervalOrNull(difference.percent_ci95)},
          {"p", ValueOrNull(difference.p_value)},
          {"test", TextOrNull(std::string(ToString(difference.test)))},
          {"detectable_absolute", ValueOrNull(difference.detectable_absolute)},
          {"detectable_percent", ValueOrNull(difference.detectable_percent)},
          {"n_a", difference.n_a},
          {"n_b", difference.n_b},
          {"effective_n_a", ValueOrNull(difference.effective_a)},
          {"effective_n_b", ValueOrNull(difference.effective_b)}};
}

Json LevelJson(const LevelComparison& level) {
  Json metrics = Json::object();
  for (const MetricComparison& metric : level.metrics) {
    Json json = {{"unit", metric.metric->unit}};
    json.update(DifferenceJson(metric.difference));
    json["note"] = TextOrNull(metric.note);
    metrics[metric.metric->name] = std::move(json);
  }
  return {{"level", level.key},
          {"runs_a", level.runs_a},
          {"runs_b", level.runs_b},
          {"metrics", metrics},
          {"e2e_ranks", level.e2e_ranks ? DifferenceJson(*level.e2e_ranks) : Json(nullptr)},
          {"notes", level.notes}};
}

Json ConfigurationsJson(const ResultComparison& comparison) {
  Json json = Json::array();
  for (const ConfigurationDifference& difference : comparison.configuration) {
    json.push_back({{"name", difference.name},
                    {"a", Json::parse(difference.a, nullptr, false)},
                    {"b", Json::parse(difference.b, nullptr, false)},
                    {"matters", difference.matters}});
  }
  return json;
}

Json JudgementsJson(const std::vector<ConditionJudgement>& judgements) {
  Json json = Json::array();
  for (const ConditionJudgement& judgement : judgements) {
    json.push_back({{"condition", judgement.condition},
                    {"level", judgement.level},
                    {"outcome", ToString(judgement.outcome)},
                    {"difference", ValueOrNull(judgement.difference)},
                    {"corrected_p", ValueOrNull(judgement.corrected_p)},
                    {"sentence", judgement.sentence}});
  }
  return json;
}

}  // namespace

std::string ComparisonJson(const ResultComparison& comparison,
                           const std::vector<ConditionJudgement>& judgements, double level) {
  Json levels = Json::array();
  for (const LevelComparison& one : comparison.levels) levels.push_back(LevelJson(one));
  return JsonText({{"format", "llmdyno-comparison"},
                   {"version", 1},
                   {"kind", ToString(comparison.a.kind)},
                   {"a", SideJson(comparison.a)},
                   {"b", SideJson(comparison.b)},
                   {"configurations_known", comparison.configurations_known},
                   {"configuration_differences", ConfigurationsJson(comparison)},
                   {"levels", levels},
                   {"only_in_a", comparison.only_in_a},
                   {"only_in_b", comparison.only_in_b},
                   {"significance_level", level},
                   {"conditions", JudgementsJson(judgements)},
                   {"notes", comparison.notes}});
}

}  // namespace llmdyno
