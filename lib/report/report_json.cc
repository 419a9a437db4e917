#include "report/report_json.h"

#include <ctime>

#include <cstdio>

namespace llmdyno {
namespace {

Json SourcesJson(const std::vector<TokenSourceSummary>& sources) {
  Json json = Json::array();
  for (const TokenSourceSummary& source : sources) {
    json.push_back(
        {{"source", ToString(source.source)}, {"requests", source.requests}, {"tokens", source.tokens}});
  }
  return json;
}

}  // namespace

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json MsOrNull(const std::optional<Duration>& value) {
  return value ? Json(ToMilliseconds(*value)) : Json(nullptr);
}

Json IntervalOrNull(const std::optional<Interval>& interval) {
  return interval ? Json{interval->low, interval->high} : Json(nullptr);
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

Json TokenCountsJson(const RunMetrics& metrics) {
  return {{"output", SourcesJson(metrics.output_token_sources)},
          {"input", SourcesJson(metrics.input_token_sources)}};
}

Json ArrivalsJson(const ArrivalSummary& arrivals) {
  return {{"events", arrivals.events},
          {"upper_bounds", arrivals.upper_bounds},
          {"kernel", arrivals.kernel},
          {"wake_up", arrivals.wake_up},
          {"simulated", arrivals.simulated}};
}

Json VerdictJson(const Validity& validity, const ClientHealth& health) {
  return {{"valid", validity.valid},
          {"reasons", validity.reasons},
          {"unknown", validity.unknown},
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

Json FilesJson(const std::vector<ReportFile>& files) {
  Json json = Json::object();
  for (const ReportFile& file : files) json[file.kind] = file.path;
  return json;
}

Json ConfigurationJson(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
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

std::string IsoLocal(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time - whole);
  const std::time_t seconds = whole.time_since_epoch().count();
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return IsoUtc(time);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06d", local.tm_year + 1900,
                local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                static_cast<int>(micros.count()));
  return text;
}

std::string JsonText(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace llmdyno
