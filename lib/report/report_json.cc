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

Json RateIntervalsJson(const RunMetrics& metrics) {
  return {{"output_tokens_per_s", IntervalOrNull(metrics.output_tokens_per_second_ci95)},
          {"total_tokens_per_s", IntervalOrNull(metrics.total_tokens_per_second_ci95)},
          {"requests_per_s", IntervalOrNull(metrics.requests_per_second_ci95)}};
}

Json SpreadOrNull(const std::optional<Spread>& spread) {
  if (!spread) return nullptr;
  return {{"runs", spread->runs},
          {"samples", spread->samples},
          {"mean", spread->mean},
          {"mean_ci95", IntervalOrNull(spread->mean_ci95)},
          {"run_std", spread->run_standard_deviation},
          {"within_std", ValueOrNull(spread->within_standard_deviation)},
          {"between_std", ValueOrNull(spread->between_standard_deviation)},
          {"intraclass_share", ValueOrNull(spread->intraclass_share)}};
}

Json SpreadsJson(std::span<const FigureSpread> spreads) {
  Json json = Json::object();
  for (const FigureSpread& figure : spreads) json[std::string(figure.name)] = SpreadOrNull(figure.spread);
  return json;
}

Json MeasurementErrorsJson(std::span<const MeasurementErrorNote> notes) {
  Json json = Json::object();
  for (const MeasurementErrorNote& note : notes) {
    const auto figure = [&](double ErrorFigures::*value) {
      return note.figures ? Json((*note.figures).*value) : Json(nullptr);
    };
    json[std::string(ToString(note.quantity))] = {{"covered", note.figures.has_value()},
                                                  {"bias_us", figure(&ErrorFigures::bias_us)},
                                                  {"p50_us", figure(&ErrorFigures::p50_us)},
                                                  {"p99_us", figure(&ErrorFigures::p99_us)},
                                                  {"max_us", figure(&ErrorFigures::max_us)},
                                                  {"tested_concurrency", note.tested_concurrency},
                                                  {"tested_tokens_per_s", note.tested_tokens_per_second},
                                                  {"tested_valid", note.tested_valid},
                                                  {"selftest_date", TextOrNull(note.date)}};
  }
  return json;
}

std::vector<MeasurementErrorNote> MeasurementErrorsFrom(const Json& json) {
  std::vector<MeasurementErrorNote> notes;
  try {
    for (const auto& [name, error] : json.items()) {
      const auto quantity = ParseMeasuredQuantity(name);
      if (!quantity) continue;
      MeasurementErrorNote note;
      note.quantity = *quantity;
      if (error.at("covered").get<bool>()) {
        note.figures = ErrorFigures{0, error.at("bias_us").get<double>(), error.at("p50_us").get<double>(),
                                    error.at("p99_us").get<double>(), error.at("max_us").get<double>()};
      }
      note.tested_concurrency = error.at("tested_concurrency").get<int64_t>();
      note.tested_tokens_per_second = error.at("tested_tokens_per_s").get<double>();
      note.tested_valid = error.at("tested_valid").get<bool>();
      if (error.at("selftest_date").is_string()) note.date = error.at("selftest_date").get<std::string>();
      notes.push_back(std::move(note));
    }
  } catch (const Json::exception&) {
    return {};  // of a file that another version wrote, or a person
  }
  return notes;
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
