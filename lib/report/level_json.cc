#include "report/level_json.h"

#include <cmath>

#include "report/serving_text.h"

namespace llmdyno {
namespace {

constexpr double kMsToSeconds = 1e-3;
constexpr double kMsToUs = 1e3;

Json Scaled(const std::optional<double>& value, double factor) {
  return value ? Json(*value * factor) : Json(nullptr);
}

// {p50, p90, p95, p99} and nothing else: readers of the reference's files know no other key.
Json Percentiles(const Distribution& values, double factor) {
  Json json = Json::object();
  for (const auto& [name, p] : kFilePercentiles) json[name] = Scaled(values.Quantile(p), factor);
  return json;
}

Json Statistics(const char* unit, const Distribution& values) {
  Json json = {{"unit", unit},
               {"n", values.n()},
               {"mean", ValueOrNull(values.Mean())},
               {"std", ValueOrNull(values.StandardDeviation())},
               {"min", ValueOrNull(values.Min())},
               {"max", ValueOrNull(values.Max())}};
  for (const auto& [name, p] : kFilePercentiles) json[name] = ValueOrNull(values.Quantile(p));
  Json intervals = Json::object();
  for (const auto& [name, p] : kFilePercentiles) intervals[name] = IntervalOrNull(values.QuantileInterval(p));
  json["ci95"] = intervals;
  json["thin"] = ThinPercentiles(values);
  json["mean_ci95"] = IntervalOrNull(values.MeanInterval());
  return json;
}

// A histogram keeps no squares and no ranks: its std and intervals are absent.
Json Statistics(const GapHistogram& gaps) {
  Json json = {{"unit", "ms"},
               {"n", gaps.n()},
               {"mean", MsOrNull(gaps.Mean())},
               {"std", nullptr},
               {"min", MsOrNull(gaps.Min())},
               {"max", MsOrNull(gaps.Max())}};
  Json intervals = Json::object();
  for (const auto& [name, p] : kFilePercentiles) {
    json[name] = MsOrNull(gaps.Quantile(p));
    intervals[name] = nullptr;
  }
  json["ci95"] = intervals;
  json["thin"] = ThinPercentiles(gaps);
  return json;
}

Json Distributions(const ServingMetrics& metrics) {
  const RunMetrics& all = metrics.all;
  return {{"ttft_ms", Statistics("ms", all.ttft)},
          {"ttft_from_schedule_ms", Statistics("ms", metrics.ttft_from_schedule)},
          {"e2e_ms", Statistics("ms", all.e2e)},
          {"e2e_from_schedule_ms", Statistics("ms", metrics.e2e_from_schedule)},
          {"tpot_ms", Statistics("ms", all.tpot)},
          {"itl_ms", Statistics(all.itl)},
          {"event_gap_ms", Statistics(metrics.event_gaps)},
          {"request_tokens_per_s", Statistics("tokens/s", metrics.request_speed)},
          {"input_length", Statistics("tokens", all.input_length)},
          {"output_length", Statistics("tokens", all.output_length)},
          {"send_lag_ms", Statistics("ms", all.send_lag)},
          {"failed_e2e_ms", Statistics("ms", all.failed_e2e)}};
}

Json SendErrorJson(const Distribution& lag_ms) {
  return {{"p50", Scaled(lag_ms.Quantile(0.5), kMsToUs)},
          {"p99", Scaled(lag_ms.Quantile(0.99), kMsToUs)},
          {"max", Scaled(lag_ms.Max(), kMsToUs)},
          {"n", lag_ms.n()}};
}

Json SloJson(const std::optional<SloJudgement>& slo) {
  if (!slo) return nullptr;
  Json misses = Json::array();
  for (const SloJudgement::Miss& miss : slo->misses) {
    misses.push_back(
        {{"term", miss.term}, {"actual", ValueOrNull(miss.actual)}, {"sentence", miss.sentence}});
  }
  return {{"met", slo->met}, {"misses", misses}};
}

Json BacklogJson(const LevelReport& level) {
  if (!level.backlog) return nullptr;
  const BacklogTrend& trend = *level.backlog;
  const BacklogJudgement queue = JudgeBacklog(trend);
  const auto seconds = [](Duration duration) { return Json(ToSeconds(duration)); };
  return {{"queue_grew", queue.queue_grew},
          {"too_short", queue.too_short},
          {"sentence", TextOrNull(queue.sentence)},
          {"window_s", seconds(trend.window)},
          {"median_latency_s", trend.median_latency ? seconds(*trend.median_latency) : Json(nullptr)},
          {"growth_per_s", trend.growth_per_second},
          {"growth_error_per_s", trend.growth_error},
          {"growth_share", trend.growth_share},
          {"latency_growth_s_per_s", trend.latency_growth},
          {"first_token_growth_s_per_s", trend.first_token_growth},
          {"mean_in_flight", trend.mean_in_flight},
          {"successes_per_s", trend.successes_per_second}};
}

Json SteadyStateJson(const std::optional<SteadyState>& steady) {
  if (!steady) return nullptr;
  const auto seconds = [](const std::optional<Duration>& duration) {
    return duration ? Json(ToSeconds(*duration)) : Json(nullptr);
  };
  return {{"whole_tokens_per_second", steady->whole_tokens_per_second},
          {"window_tokens_per_second", ValueOrNull(steady->window_tokens_per_second)},
          {"median_bucket_tokens_per_second", ValueOrNull(steady->median_bucket_tokens_per_second)},
          {"window_start_s", seconds(steady->window_start)},
          {"window_s", seconds(steady->window)},
          {"peak_active_requests", steady->peak_active}};
}

Json CostJson(const ServingReport& report, const LevelReport& level) {
  if (!level.cost) return nullptr;
  const ServingCost& cost = *level.cost;
  const bool is_hosted = !report.gpu_price.has_value();
  return {{"total_input_tokens", cost.input_tokens},
          {"total_output_tokens", cost.output_tokens},
          {"total_tokens", cost.total_tokens},
          {"sustained_tokens_per_sec", ValueOrNull(cost.sustained_output_tokens_per_second)},
          {"gpu_cost", is_hosted ? Json(nullptr) : Json(cost.usd)},
          {"cost_per_million_tokens", ValueOrNull(cost.usd_per_million_tokens)},
          {"token_cost", is_hosted ? Json(cost.usd) : Json(nullptr)},
          {"cached_input_tokens", level.metrics.usage_cached_tokens},
          {"cost_per_request", ValueOrNull(cost.usd_per_request)},
          {"cost_per_good_request", ValueOrNull(cost.usd_per_good_request)},
          {"without_usage_share", ValueOrNull(cost.without_usage_share)},
          {"below_95_percent", IsBelowReliable(level)}};
}

Json ErrorsJson(const ServingMetrics& metrics) {
  Json json = Json::object();
  for (const auto& [label, count] : metrics.errors) json[label] = count;
  return json;
}

Json StatusCodesJson(const ServingMetrics& metrics) {
  Json json = Json::object();
  for (const auto& [status, count] : metrics.status_codes) json[std::to_string(status)] = count;
  return json;
}

Json SecondsOrNull(Duration duration) {
  return duration > Duration::zero() ? Json(ToSeconds(duration)) : Json(nullptr);
}

Json ReferenceKeys(const ServingReport& report, const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  const RunMetrics& all = metrics.all;
  const bool is_rate = report.load_kind == LoadKind::kRate;
  return {{"qps_target", is_rate ? LoadJson(level.target) : Json(nullptr)},
          {"actual_qps", ValueOrNull(ActualRate(level, report.load_kind))},
          {"duration", SecondsOrNull(all.elapsed)},
          {"total_requests", all.requests},
          {"successful_requests", all.successful},
          {"failed_requests", all.failed},
          {"success_rate", ValueOrNull(all.success_rate_percent)},
          {"ttft", Percentiles(all.ttft, kMsToSeconds)},
          {"e2e_latency", Percentiles(all.e2e, kMsToSeconds)},
          {"tokens_per_sec", Percentiles(metrics.request_speed, 1)},
          {"errors", ErrorsJson(metrics)},
          {"status_codes", StatusCodesJson(metrics)},
          {"actual_duration", SecondsOrNull(all.elapsed)},
          {"cost_analysis", CostJson(report, level)}};
}

Json RepetitionsJson(const LevelReport& level) {
  Json json = Json::array();
  for (size_t i = 0; i < level.repetitions.size(); ++i) {
    const LevelRepetition& repetition = level.repetitions[i];
    const ServingMetrics& metrics = repetition.metrics;
    json.push_back({{"repetition", i},
                    {"stop_reason", TextOrNull(repetition.stop_reason)},
                    {"duration", SecondsOrNull(metrics.all.elapsed)},
                    {"total_requests", metrics.all.requests},
                    {"successful_requests", metrics.all.successful},
                    {"failed_requests", metrics.all.failed},
                    {"completed_qps", ValueOrNull(metrics.completed_per_second)},
                    {"output_tokens_per_s", ValueOrNull(metrics.all.output_tokens_per_second)},
                    {"distributions", Distributions(metrics)},
                    {"verdict", VerdictJson(repetition.validity, repetition.health)}});
  }
  return json;
}

void AddLoadKeys(Json& json, const ServingReport& report, const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  const bool is_rate = report.load_kind == LoadKind::kRate;
  json["level"] = level.index;
  json["users"] = is_rate ? Json(nullptr) : Json(std::llround(level.target));
  json["simulated"] = report.is_simulated;
  json["started_at"] = level.started_at ? Json(IsoUtc(*level.started_at)) : Json(nullptr);
  json["stop_reason"] = TextOrNull(level.stop_reason);
  json["first_token"] = ToString(report.first_token);
  json["send_window_s"] = SecondsOrNull(metrics.send_window);
  json["offered_qps"] = ValueOrNull(metrics.offered_per_second);
  json["sent_qps"] = ValueOrNull(metrics.sent_per_second);
  json["completed_qps"] = ValueOrNull(metrics.completed_per_second);
  json["successful_qps"] = ValueOrNull(metrics.successful_per_second);
  json["peak_in_flight"] = metrics.peak_in_flight;
  json["warm_up_requests"] = metrics.all.warm_up_requests;
  json["connections_reused"] = metrics.all.connections_reused;
  json["send_error_us"] = SendErrorJson(metrics.all.send_lag);
}

void AddResultKeys(Json& json, const LevelReport& level) {
  const ServingMetrics& metrics = level.metrics;
  const RunMetrics& all = metrics.all;
  json["ttft_from_schedule"] = Percentiles(metrics.ttft_from_schedule, kMsToSeconds);
  json["e2e_latency_from_schedule"] = Percentiles(metrics.e2e_from_schedule, kMsToSeconds);
  json["input_tokens"] = all.input_tokens;
  json["output_tokens"] = all.output_tokens;
  json["output_tokens_per_s"] = ValueOrNull(all.output_tokens_per_second);
  json["total_tokens_per_s"] = ValueOrNull(all.total_tokens_per_second);
  json["peak_output_tokens_per_s"] = ValueOrNull(metrics.peak_output_tokens_per_second);
  json["token_counts"] = TokenCountsJson(all);
  json["without_usage"] = metrics.without_usage;
  json["without_usage_share"] = ValueOrNull(metrics.without_usage_share);
  json["good_requests"] = ValueOrNull(metrics.good);
  json["goodput_per_s"] = ValueOrNull(metrics.good_per_second);
  json["slo"] = SloJson(level.slo);
  json["backlog"] = BacklogJson(level);
  json["steady_state"] = SteadyStateJson(level.steady);
  json["failures"] = FailuresJson(all);
  json["http_429"] = all.http_429;
  json["http_503"] = all.http_503;
  json["rate_ci95"] = RateIntervalsJson(all);
  json["distributions"] = Distributions(metrics);
  json["arrivals"] = ArrivalsJson(all.arrivals);
  json["verdict"] = VerdictJson(level.validity, level.health);
}

}  // namespace

void AddTrustKeys(Json& json, const LevelReport& level) {
  if (!level.measurement_errors.empty()) {
    json["measurement_error"] = MeasurementErrorsJson(level.measurement_errors);
  }
  if (level.repetitions.empty()) return;
  json["repetition"] = level.repetition;
  json["repetitions"] = RepetitionsJson(level);
  json["spread"] = SpreadsJson(level.spread);
}

Json LoadJson(double load) { return std::isfinite(load) ? Json(load) : Json("inf"); }

Json LevelJson(const ServingReport& report, const LevelReport& level) {
  Json json = ReferenceKeys(report, level);
  AddLoadKeys(json, report, level);
  AddResultKeys(json, level);
  AddTrustKeys(json, level);
  return json;
}

}  // namespace llmdyno
