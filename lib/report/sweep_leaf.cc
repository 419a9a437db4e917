#include "report/sweep_leaf.h"

#include "llmdyno/metrics/error_label.h"

namespace llmdyno {
namespace {

Json InputLengthsJson(const InputLengthCheck& check) {
  if (check.requests == 0) return nullptr;
  return {{"requests", check.requests},
          {"target_tokens", check.target_tokens},
          {"actual_tokens", check.actual_tokens},
          {"deviation_percent", LeafJson(check.deviation_percent)},
          {"off_by_2_percent", check.off_by_2_percent},
          {"mean_extra_tokens", ValueOrNull(check.mean_extra)}};
}

Json OutputLengthsJson(const std::optional<OutputLengthCheck>& check) {
  if (!check) return nullptr;
  return {{"requests", check->requests},
          {"shorter", check->shorter},
          {"longer", check->longer},
          {"not_reported", check->not_reported}};
}

// Only what was reported has a key, as in the files of the predecessor.
Json UsageExtrasJson(const UsageExtras& extras) {
  Json json = Json::object();
  const auto add = [&](const char* key, const std::optional<UsageExtras::Sum>& sum) {
    if (!sum) return;
    json[key] = LeafJson(sum->values);
    json[key]["total"] = sum->total;
  };
  add("reasoning_tokens", extras.reasoning_tokens);
  add("cached_tokens", extras.cached_tokens);
  if (extras.cached_tokens) json["cached_tokens"]["cache_hit_rate"] = ValueOrNull(extras.cache_hit_rate);
  add("cost", extras.cost);
  if (!extras.finish_reasons.empty()) json["finish_reasons"] = extras.finish_reasons;
  if (!extras.providers.empty()) json["providers"] = extras.providers;
  return json;
}

Json AdaptersJson(const std::map<std::string, AdapterFigures>& adapters) {
  if (adapters.empty()) return nullptr;
  Json json = Json::object();
  for (const auto& [name, adapter] : adapters) {
    json[name] = {{"requests", adapter.requests},
                  {"successful", adapter.successful},
                  {"output_tokens", adapter.output_tokens},
                  {"ttft", LeafJson(adapter.ttft_s)},
                  {"tpot", LeafJson(adapter.tpot_s)},
                  {"e2e", LeafJson(adapter.e2e_s)},
                  {"output_throughput", LeafJson(adapter.output_throughput)}};
  }
  return json;
}

// Counted by class; of the statuses that mean overload we know which.
Json ErrorsJson(const RunMetrics& metrics) {
  std::map<std::string, int64_t> counts;
  for (const FailureSummary& failure : metrics.failures) {
    if (failure.cls != OutcomeClass::kOverload) counts[ErrorLabel({.cls = failure.cls})] += failure.count;
  }
  if (metrics.http_429 > 0) counts["HTTP 429"] = metrics.http_429;
  if (metrics.http_503 > 0) counts["HTTP 503"] = metrics.http_503;
  Json json = Json::object();
  for (const auto& [label, count] : counts) json[label] = count;
  return json;
}

}  // namespace

Json LeafJson(const Distribution& values) {
  Json json = {{"mean", ValueOrNull(values.Mean())},
               {"std", values.n() == 1 ? Json(0.0) : ValueOrNull(values.StandardDeviation())},
               {"n", values.n()}};
  for (const auto& [name, p] : kFilePercentiles) json[name] = ValueOrNull(values.Quantile(p));
  json["min"] = ValueOrNull(values.Min());
  json["max"] = ValueOrNull(values.Max());
  json["mean_ci95"] = IntervalOrNull(values.MeanInterval());
  for (const auto& [name, p] : kFilePercentiles) {
    json[std::string(name) + "_ci95"] = IntervalOrNull(values.QuantileInterval(p));
  }
  return json;
}

Json TimingsJson(const RunFigures& run) {
  return {{"batch_total_seconds", LeafJson(run.batch_total_s)},
          {"fastest_seconds", LeafJson(run.fastest_s)},
          {"slowest_seconds", LeafJson(run.slowest_s)},
          {"spread_seconds", LeafJson(run.spread_s)}};
}

Json ReliabilityJson(const SweepLevelMetrics& metrics) {
  const auto& success = metrics.success_rate_percent;
  return {{"total_requests", metrics.requests},
          {"successful_requests", metrics.successful},
          {"failed_requests", metrics.failed},
          {"success_rate", ValueOrNull(success)},
          {"failure_rate", success ? Json(100 - *success) : Json(nullptr)},
          {"attempts", metrics.attempts}};
}

Json SteadyStateJson(const SweepLevelMetrics& metrics) {
  Json json = {{"whole_tokens_per_second", LeafJson(metrics.run.tokens_per_second)},
               {"window_tokens_per_second", LeafJson(metrics.run.steady_tokens_per_second)},
               {"median_bucket_tokens_per_second", LeafJson(metrics.run.steady_median_tokens_per_second)},
               {"last_run", nullptr}};
  if (!metrics.last_run) return json;
  const SteadyState& last = *metrics.last_run;
  const auto seconds = [](const std::optional<Duration>& time) {
    return time ? Json(ToSeconds(*time)) : Json(nullptr);
  };
  json["last_run"] = {{"whole_tokens_per_second", last.whole_tokens_per_second},
                      {"window_tokens_per_second", ValueOrNull(last.window_tokens_per_second)},
                      {"median_bucket_tokens_per_second", ValueOrNull(last.median_bucket_tokens_per_second)},
                      {"peak_active_requests", last.peak_active},
                      {"first_bucket", ValueOrNull(last.first_bucket)},
                      {"last_bucket", ValueOrNull(last.last_bucket)},
                      {"window_start_seconds", seconds(last.window_start)},
                      {"window_seconds", seconds(last.window)}};
  return json;
}

Json TimeSeriesJson(const SweepLevelMetrics& metrics) {
  if (!metrics.last_run) return nullptr;
  return {{"bucket_size_seconds", ToSeconds(metrics.last_run->bucket)},
          {"output_tokens_per_bucket", metrics.last_run->tokens},
          {"active_requests_per_bucket", metrics.last_run->active}};
}

void AddSweepDetails(Json& entry, const SweepLevelReport& level) {
  const SweepLevelMetrics& metrics = level.metrics;
  entry["in_flight"] = level.in_flight;
  entry["runs"] = metrics.runs;
  entry["started_at"] = level.started_at ? Json(IsoUtc(*level.started_at)) : Json(nullptr);
  entry["stop_reason"] = TextOrNull(level.stop_reason);
  entry["send_spread_seconds"] = LeafJson(metrics.run.send_spread_s);
  entry["input_length_check"] = InputLengthsJson(metrics.input_lengths);
  entry["output_length_check"] = OutputLengthsJson(metrics.output_lengths);
  entry["token_count_sources"] = TokenCountsJson(metrics.all);
  entry["usage_extras"] = UsageExtrasJson(metrics.extras);
  entry["adapters"] = AdaptersJson(metrics.adapters);
  entry["images"] = metrics.images;
  entry["failures"] = FailuresJson(metrics.all);
  entry["errors"] = ErrorsJson(metrics.all);
  entry["last_failure"] = TextOrNull(level.last_failure);
  entry["arrivals"] = ArrivalsJson(metrics.all.arrivals);
  entry["verdict"] = VerdictJson(level.validity, level.health);
  if (!level.measurement_errors.empty()) {
    entry["measurement_error"] = MeasurementErrorsJson(level.measurement_errors);
  }
  if (!level.spread.empty()) entry["spread"] = SpreadsJson(level.spread);
}

}  // namespace llmdyno
