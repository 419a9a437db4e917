// What the JSON files of different runs say in the same way.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/metrics/confidence.h"
#include "llmdyno/metrics/run_metrics.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/report/report.h"

namespace llmdyno {

using Json = nlohmann::ordered_json;

template <typename T>
Json ValueOrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
Json TextOrNull(const std::string& text);
Json MsOrNull(const std::optional<Duration>& value);
Json SpreadOrNull(const std::optional<Spread>& spread);
Json IntervalOrNull(const std::optional<Interval>& interval);
// By the figures' names.
Json SpreadsJson(std::span<const FigureSpread> spreads);
// By the quantities' names.
Json MeasurementErrorsJson(std::span<const MeasurementErrorNote> notes);
// Undoes it, but for how many were compared; what is no such note is left out.
std::vector<MeasurementErrorNote> MeasurementErrorsFrom(const Json& json);

// The percentiles of every file.
inline constexpr std::array<std::pair<const char*, double>, 4> kFilePercentiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}}};

// The names of those percentiles that have too few samples behind them.
template <typename Values>
Json ThinPercentiles(const Values& values) {
  Json thin = Json::array();
  for (const auto& [name, p] : kFilePercentiles) {
    if (!values.empty() && values.IsThin(p)) thin.push_back(name);
  }
  return thin;
}

// The rates' intervals of 95 %, by the metrics' names.
Json RateIntervalsJson(const RunMetrics& metrics);
Json FailuresJson(const RunMetrics& metrics);
Json TokenCountsJson(const RunMetrics& metrics);
Json ArrivalsJson(const ArrivalSummary& arrivals);
Json VerdictJson(const Validity& validity, const ClientHealth& health);
// The sentences alone.
Json ReasonsJson(const std::vector<ValidityReason>& reasons);
Json FilesJson(const std::vector<ReportFile>& files);
// The object in `text`; null when it is none.
Json ConfigurationJson(const std::string& text);

// "2025-01-31T12:00:00.000Z".
std::string IsoUtc(WallTime time);
// "2025-01-31T13:00:00.123456", in the machine's time zone.
std::string IsoLocal(WallTime time);

// Indented, ending in a newline; bytes that are no UTF-8 are replaced.
std::string JsonText(const Json& json);

}  // namespace llmdyno
