#include "report/latency_table.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "llmdyno/base/number_text.h"
#include "llmdyno/metrics/metric_table.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

// One row of the latency table, from whatever keeps the values.
struct LatencyRow {
  std::string_view title;
  std::optional<double> mean;
  std::array<std::optional<double>, 4> quantiles;
  std::array<bool, 4> is_thin{};
  int64_t n = 0;
};

constexpr std::array<double, 4> kQuantiles = {0.5, 0.9, 0.95, 0.99};

LatencyRow RowOf(std::string_view title, const Distribution& values) {
  LatencyRow row{title, values.Mean(), {}, {}, values.n()};
  for (size_t i = 0; i < kQuantiles.size(); ++i) {
    row.quantiles[i] = values.Quantile(kQuantiles[i]);
    row.is_thin[i] = values.IsThin(kQuantiles[i]);
  }
  return row;
}

std::optional<double> Ms(std::optional<Duration> duration) {
  return duration ? std::optional(ToMilliseconds(*duration)) : std::nullopt;
}

LatencyRow RowOf(std::string_view title, const GapHistogram& gaps) {
  LatencyRow row{title, Ms(gaps.Mean()), {}, {}, gaps.n()};
  for (size_t i = 0; i < kQuantiles.size(); ++i) {
    row.quantiles[i] = Ms(gaps.Quantile(kQuantiles[i]));
    row.is_thin[i] = gaps.IsThin(kQuantiles[i]);
  }
  return row;
}

LatencyRow RowOf(std::string_view metric_name, const RunMetrics& metrics) {
  const MetricDef* metric = FindMetric(metric_name);
  return metric->scope == MetricScope::kToken ? RowOf(metric->title, metrics.*metric->histogram)
                                              : RowOf(metric->title, metrics.*metric->distribution);
}

}  // namespace

std::string FormatLatencyTable(const RunMetrics& metrics) {
  constexpr size_t kColumn = 13;
  std::string text = PadRight("  Latency (ms)", kReportLabelWidth + 2);
  for (const std::string_view title : {"mean", "p50", "p90", "p95", "p99", "n"})
    text += PadLeft(title, kColumn);
  text += "\n";
  bool any_thin = false;
  for (const std::string_view name : {"ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"}) {
    const LatencyRow row = RowOf(name, metrics);
    text += PadRight("    " + std::string(row.title), kReportLabelWidth + 2) +
            PadLeft(FixedOrDash(row.mean, 2), kColumn);
    for (size_t i = 0; i < kQuantiles.size(); ++i) {
      const bool mark = row.quantiles[i] && row.is_thin[i];
      text += PadLeft((mark ? "~" : "") + FixedOrDash(row.quantiles[i], 2), kColumn);
      any_thin = any_thin || mark;
    }
    text += PadLeft(WithThousands(row.n), kColumn) + "\n";
  }
  if (any_thin) text += "    ~ too few samples for this percentile to mean much\n";
  return text;
}

}  // namespace llmdyno
