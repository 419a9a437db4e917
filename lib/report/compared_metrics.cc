#include "llmdyno/report/compared_metrics.h"

#include <algorithm>
#include <array>

namespace llmdyno {
namespace {

constexpr std::array kStatistics = {Statistic::kMean, Statistic::kP50, Statistic::kP90, Statistic::kP95,
                                    Statistic::kP99};

// "ttft" of "ttft_ms"; rates and lengths keep their unit, which is what tells them apart.
std::string WithoutUnit(std::string_view name) {
  return std::string(name.ends_with("_ms") ? name.substr(0, name.size() - 3) : name);
}

ComparedMetric OfRun(const char* name, const char* unit) {
  return {name, name, unit, std::nullopt, std::nullopt, true};
}

void AddStatistics(std::string_view table_name, std::string_view unit, std::optional<size_t> position,
                   std::vector<ComparedMetric>& metrics) {
  constexpr std::array<std::string_view, 4> kShown = {"ttft", "tpot", "itl", "e2e"};
  const std::string base = WithoutUnit(table_name);
  const bool is_shown = std::find(kShown.begin(), kShown.end(), base) != kShown.end();
  for (const Statistic statistic : kStatistics) {
    metrics.push_back({base + "_" + std::string(ToString(statistic)), base, std::string(unit), statistic,
                       position, is_shown && statistic != Statistic::kP95});
  }
}

std::vector<ComparedMetric> MakeMetrics() {
  std::vector<ComparedMetric> metrics = {
      OfRun("output_tokens_per_s", "tokens/s"), OfRun("total_tokens_per_s", "tokens/s"),
      OfRun("requests_per_s", "requests/s"), OfRun("items_per_s", "items/s"), OfRun("error_share", "1")};
  metrics[1].is_shown = false;
  const std::span<const MetricDef> rows = ComparedRequestMetrics();
  for (const std::string_view first : {"ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"}) {
    const MetricDef* row = FindMetric(first);
    const auto place =
        std::find_if(rows.begin(), rows.end(), [&](const MetricDef& metric) { return metric.name == first; });
    const bool is_of_request = place != rows.end();
    AddStatistics(first, row->unit,
                  is_of_request ? std::optional<size_t>(place - rows.begin()) : std::nullopt, metrics);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string_view name = rows[i].name;
    if (name != "ttft_ms" && name != "tpot_ms" && name != "e2e_ms") {
      AddStatistics(name, rows[i].unit, i, metrics);
    }
  }
  return metrics;
}

}  // namespace

std::string_view ToString(Statistic statistic) {
  switch (statistic) {
    case Statistic::kMean:
      return "mean";
    case Statistic::kP50:
      return "p50";
    case Statistic::kP90:
      return "p90";
    case Statistic::kP95:
      return "p95";
    case Statistic::kP99:
      return "p99";
  }
  return "";
}

std::optional<double> QuantileOf(Statistic statistic) {
  switch (statistic) {
    case Statistic::kMean:
      return std::nullopt;
    case Statistic::kP50:
      return 0.5;
    case Statistic::kP90:
      return 0.9;
    case Statistic::kP95:
      return 0.95;
    case Statistic::kP99:
      return 0.99;
  }
  return std::nullopt;
}

std::span<const MetricDef> ComparedRequestMetrics() {
  static const std::vector<MetricDef> rows = [] {
    std::vector<MetricDef> found;
    for (const MetricDef& metric : MetricTable()) {
      if (metric.scope == MetricScope::kRequest && metric.population == MetricPopulation::kAnswered) {
        found.push_back(metric);
      }
    }
    return found;
  }();
  return rows;
}

const std::vector<ComparedMetric>& ComparedMetrics() {
  static const std::vector<ComparedMetric> metrics = MakeMetrics();
  return metrics;
}

const ComparedMetric* FindComparedMetric(std::string_view name) {
  if (name == "throughput") name = "output_tokens_per_s";
  for (const ComparedMetric& metric : ComparedMetrics()) {
    if (metric.name == name) return &metric;
    if (metric.statistic && metric.unit == "ms" &&
        name == metric.base + "_ms_" + std::string(ToString(*metric.statistic))) {
      return &metric;
    }
  }
  return nullptr;
}

}  // namespace llmdyno
