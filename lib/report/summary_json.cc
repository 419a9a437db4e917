#include "llmdyno/report/summary_json.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "llmdyno/metrics/metric_table.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json ValueOrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json MsOrNull(const std::optional<Duration>& value) {
  return value ? Json(ToMilliseconds(*value)) : Json(nullptr);
}

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

constexpr std::array<std::pair<const char*, double>, 4> kQuantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}}};

// The percentiles that have too few samples behind them.
template <typename Values>
Json ThinOnes(const Values& values) {
  Json thin = Json::array();
  for (const auto& [name, p] : kQuantiles) {
    if (!values.empty() && values.IsThin(p)) thin.push_back(name);
  }
  return thin;
}

Json DistributionJson(const MetricDef& metric, const Distribution& values) {
  Json json = {{"unit", metric.unit},
               {"population", ToString(metric.population)},
               {"n", values.n()},
               {"mean", ValueOrNull(values.Mean())},
               {"std", ValueOrNull(values.StandardDeviation())},
               {"min", ValueOrNull(values.Min())},
               {"max", ValueOrNull(values.Max())}};
  for (const auto& [name, p] : kQuantiles) json[name] = ValueOrNull(values.Quantile(p));
  const auto interval = values.QuantileInterval(0.99);
  json["p99_ci95"] = interval ? Json{interval->low, interval->high} : Json(nullptr);
  json["thin"] = ThinOnes(values);
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
  for (const auto& [name, p] : kQuantiles) json[name] = MsOrNull(gaps.Quantile(p));
  json["p99_ci95"] = nullptr;
  json["thin"] = ThinOnes(gaps);
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

Json FailuresJson(const RunMetrics& metrics) {
  Json json = Json::array();
  for (const FailureSummary& failure : metrics.failures) {
    json.push_back({{"class", ToString(failure.cls)},
                    {"count", failure.count},
                    {"sample_message", TextOrNull(failure.sample_message)}});
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

Json SourcesJson(const std::vector<TokenSourceSummary>& sources) {
  Json json = Json::array();
  for (const TokenSourceSummary& source : sources) {
    json.push_back(
        {{"source", ToString(source.source)}, {"requests", source.requests}, {"tokens", source.tokens}});
  }
  return json;
}

Json ArrivalsJson(const ArrivalSummary& arrivals) {
  return {{"events", arrivals.events},
          {"upper_bounds", arrivals.upper_bounds},
          {"kernel", arrivals.kernel},
          {"wake_up", arrivals.wake_up},
          {"simulated", arrivals.simulated}};
}

Json VerdictJson(const RaceReport& report) {
  if (!report.validity) return nullptr;
  const ClientHealth& health = report.health;
  return {{"valid", report.validity->valid},
          {"reasons", report.validity->reasons},
          {"unknown", report.validity->unknown},
          {"health",
           {{"send_lag_p99_ms", MsOrNull(health.send_lag_p99)},
            {"read_lag_p50_ms", MsOrNull(health.read_lag_p50)},
            {"read_lag_p99_ms", MsOrNull(health.read_lag_p99)},
            {"read_lag_max_ms", MsOrNull(health.read_lag_max)},
            {"loop_cpu_share", ValueOrNull(health.loop_cpu_share)},
            {"arrival_clock", health.arrival_clock ? Json(ToString(*health.arrival_clock)) : Json(nullptr)},
            {"upper_bound_share", ValueOrNull(health.upper_bound_share)},
            {"wall_clock_steps", health.wall_clock_steps},
            {"descriptor_failures", health.descriptor_failures}}}};
}

Json CostJson(const std::optional<RunCost>& cost) {
  if (!cost) return nullptr;
  return {{"price_per_hour_usd", cost->per_hour.Usd()},
          {"run_usd", cost->run.Usd()},
          {"per_million_output_tokens_usd", UsdOrNull(cost->per_million_output)},
          {"per_million_input_tokens_usd", UsdOrNull(cost->per_million_input)},
          {"per_million_total_tokens_usd", UsdOrNull(cost->per_million_total)}};
}

Json FilesJson(const std::vector<ReportFile>& files) {
  Json json = Json::object();
  for (const ReportFile& file : files) json[file.kind] = file.path;
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

std::string IsoUtc(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

Json Configuration(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
}

absl::Status WriteFailed(const std::string& path) {
  return absl::UnavailableError("cannot write '" + path + "': " + std::strerror(errno));
}

absl::Status WriteWholeFile(const std::string& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return WriteFailed(path);
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      absl::Status status = WriteFailed(path);
      ::close(fd);
      return status;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  // No fsync: on a busy disk it can take ten seconds, and what it protects from is a power cut right now.
  return ::close(fd) == 0 ? absl::OkStatus() : WriteFailed(path);
}

}  // namespace

std::string SummaryJson(const RaceReport& report) {
  const auto& started = report.provenance.started_at;
  const Json json = {
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
      {"distributions", Distributions(report.metrics)},
      {"failures", FailuresJson(report.metrics)},
      {"token_counts",
       {{"output", SourcesJson(report.metrics.output_token_sources)},
        {"input", SourcesJson(report.metrics.input_token_sources)}}},
      {"arrivals", ArrivalsJson(report.metrics.arrivals)},
      {"per_user", UsersJson(report.metrics)},
      {"verdict", VerdictJson(report)},
      {"cost", CostJson(report.cost)},
      {"notes", report.notes},
      {"definitions", Definitions()},
      {"files", FilesJson(report.files)},
      {"configuration", Configuration(report.configuration_json)},
  };
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::Status WriteSummaryJson(const std::string& path, const RaceReport& report) {
  const std::string temporary = path + ".tmp";
  if (absl::Status status = WriteWholeFile(temporary, SummaryJson(report)); !status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return WriteFailed(path);
  return absl::OkStatus();
}

}  // namespace llmdyno
