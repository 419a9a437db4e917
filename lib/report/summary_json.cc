#include "llmdyno/report/summary_json.h"

#include <cmath>
#include <utility>

#include "llmdyno/metrics/metric_table.h"
#include "llmdyno/report/result_file.h"
#include "report/report_json.h"

namespace llmdyno {
namespace {

Json UsdOrNull(const std::optional<MicroUsd>& value) { return value ? Json(value->Usd()) : Json(nullptr); }

// Counts are written without a decimal point.
Json RunValue(const MetricDef& metric, const RunMetrics& metrics) {
  const auto value = metric.of_run(metrics);
  if (!value || !std::isfinite(*value)) return nullptr;
  if (metric.unit == "tokens" || metric.unit == "requests") return std::llround(*value);
  return *value;
}

Json RunValues(const RunMetrics& metrics) {
  Json json = Json::object();
  for (const MetricDef& metric : MetricTable()) {
    if (metric.scope == MetricScope::kRun) json[std::string(metric.name)] = RunValue(metric, metrics);
  }
  return json;
}

Json DistributionJson(const MetricDef& metric, const Distribution& values) {
  Json json = {{"unit", metric.unit},
               {"population", ToString(metric.population)},
               {"n", values.n()},
               {"mean", ValueOrNull(values.Mean())},
               {"std", ValueOrNull(values.StandardDeviation())},
               {"min", ValueOrNull(values.Min())},
               {"max", ValueOrNull(values.Max())}};
  for (const auto& [name, p] : kFilePercentiles) json[name] = ValueOrNull(values.Quantile(p));
  json["p99_ci95"] = IntervalOrNull(values.QuantileInterval(0.99));
  json["thin"] = ThinPercentiles(values);
  for (const auto& [name, p] : kFilePercentiles) {
    if (p != 0.99) json[std::string(name) + "_ci95"] = IntervalOrNull(values.QuantileInterval(p));
  }
  json["mean_ci95"] = IntervalOrNull(values.MeanInterval());
  return json;
}

// A histogram keeps no squares and no ranks: std and p99_ci95 are absent.
Json HistogramJson(const MetricDef& metric, const GapHistogram& gaps) {
  Json json = {{"unit", metric.unit},
               {"population", ToString(metric.population)},
               {"n", gaps.n()},
               {"mean", MsOrNull(gaps.Mean())},
               {"std", nullptr},
               {"min", MsOrNull(gaps.Min())},
               {"max", MsOrNull(gaps.Max())}};
  for (const auto& [name, p] : kFilePercentiles) json[name] = MsOrNull(gaps.Quantile(p));
  json["p99_ci95"] = nullptr;
  json["thin"] = ThinPercentiles(gaps);
  return json;
}

Json Distributions(const RunMetrics& metrics) {
  Json json = Json::object();
  for (const MetricDef& metric : MetricTable()) {
    const std::string name(metric.name);
    if (metric.scope == MetricScope::kRequest)
      json[name] = DistributionJson(metric, metrics.*metric.distribution);
    if (metric.scope == MetricScope::kToken) json[name] = HistogramJson(metric, metrics.*metric.histogram);
  }
  return json;
}

Json UsersJson(const RunMetrics& metrics) {
  Json json = Json::array();
  for (const UserSummary& user : metrics.users) {
    json.push_back({{"user_id", user.user_id},
                    {"requests", user.requests},
                    {"failed", user.failed},
                    {"mean_ttft_ms", MsOrNull(user.mean_ttft)}});
  }
  return json;
}

Json CostJson(const std::optional<RunCost>& cost) {
  if (!cost) return nullptr;
  return {{"price_per_hour_usd", cost->per_hour.Usd()},
          {"run_usd", cost->run.Usd()},
          {"per_million_output_tokens_usd", UsdOrNull(cost->per_million_output)},
          {"per_million_input_tokens_usd", UsdOrNull(cost->per_million_input)},
          {"per_million_total_tokens_usd", UsdOrNull(cost->per_million_total)}};
}

// Of a race that was run several times.
Json RepetitionsJson(const RaceReport& report) {
  Json json = Json::array();
  for (size_t i = 0; i < report.repetitions.size(); ++i) {
    const RaceRepetition& repetition = report.repetitions[i];
    json.push_back({{"repetition", i},
                    {"complete", repetition.metrics.has_finish_line},
                    {"stop_reason", TextOrNull(repetition.metrics.stop_reason)},
                    {"metrics", RunValues(repetition.metrics)},
                    {"distributions", Distributions(repetition.metrics)},
                    {"verdict", VerdictJson(repetition.validity, repetition.health)}});
  }
  return json;
}

// What the words above mean, for a reader who has nothing but this file.
Json Definitions() {
  return {{"first_token", "any-text"},
          {"latency_start", "send"},
          {"request_end", "stream-end"},
          {"tpot", "(last_text - first_text) / (output_tokens - 1)"},
          {"itl", "an arrival of k tokens counts as k equal gaps"},
          {"quantile", "linear"},
          {"standard_deviation", "sample"},
          {"peak_window_s", 10},
          {"accounting", "as-at-finish-line"}};
}

}  // namespace

std::string SummaryJson(const RaceReport& report) {
  const auto& started = report.provenance.started_at;
  Json json = {
      {"format", "llmdyno-summary"},
      {"version", 1},
      {"title", report.title},
      {"simulated", report.is_simulated},
      {"engine", TextOrNull(report.engine)},
      {"model", TextOrNull(report.model)},
      {"endpoint", TextOrNull(report.endpoint)},
      {"users", ValueOrNull(report.users)},
      {"seed", ValueOrNull(report.seed)},
      {"started_at", started ? Json(IsoUtc(*started)) : Json(nullptr)},
      {"llmdyno_version", TextOrNull(report.provenance.version)},
      {"compiler", TextOrNull(report.provenance.compiler)},
      {"complete", report.metrics.has_finish_line},
      {"stop_reason", TextOrNull(report.metrics.stop_reason)},
      {"metrics", RunValues(report.metrics)},
      {"rate_ci95", RateIntervalsJson(report.metrics)},
      {"distributions", Distributions(report.metrics)},
      {"failures", FailuresJson(report.metrics)},
      {"token_counts", TokenCountsJson(report.metrics)},
      {"arrivals", ArrivalsJson(report.metrics.arrivals)},
      {"per_user", UsersJson(report.metrics)},
      {"verdict", report.validity ? VerdictJson(*report.validity, report.health) : Json(nullptr)},
      {"cost", CostJson(report.cost)},
      {"notes", report.notes},
      {"definitions", Definitions()},
      {"files", FilesJson(report.files)},
      {"configuration", ConfigurationJson(report.configuration_json)},
  };
  // Keys that only some runs have.
  if (!report.measurement_errors.empty()) {
    json["measurement_error"] = MeasurementErrorsJson(report.measurement_errors);
  }
  if (!report.repetitions.empty()) {
    json["repetition"] = report.repetition;
    json["repetitions"] = RepetitionsJson(report);
    json["spread"] = SpreadsJson(report.spread);
  }
  return JsonText(json);
}

absl::Status WriteSummaryJson(const std::string& path, const RaceReport& report) {
  return WriteResultFile(path, SummaryJson(report));
}

}  // namespace llmdyno
