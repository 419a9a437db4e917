// The metrics that two results can be compared by, with the names that conditions use. Comparisons and their
// conditions use it. Never changes, so any thread may read it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/metrics/metric_table.h"

namespace llmdyno {

// What of a distribution is compared.
enum class Statistic { kMean, kP50, kP90, kP95, kP99 };
// "mean", "p50", …
std::string_view ToString(Statistic statistic);
// 0.5, …; nothing for the mean.
std::optional<double> QuantileOf(Statistic statistic);

// A figure of a level. Those of requests and tokens are a metric of the table with a statistic, "ttft_p99";
// those of a run have no statistic, "output_tokens_per_s".
struct ComparedMetric {
  std::string name;
  std::string base;  // "ttft": without the statistic
  std::string unit;  // "ms", "tokens/s", "1" of a share …
  std::optional<Statistic> statistic;
  // Position among RequestMetricNames(); nothing for token gaps ("itl") and for figures of a run.
  std::optional<size_t> request_metric;
  bool is_shown = false;  // in tables without being asked for
};

// All of them, in the order of tables.
const std::vector<ComparedMetric>& ComparedMetrics();
// By its name, by the same with the unit ("ttft_ms_p99"), or "throughput" for output_tokens_per_s.
const ComparedMetric* FindComparedMetric(std::string_view name);

// The rows of the metric table that have one value per answered request.
std::span<const MetricDef> ComparedRequestMetrics();

}  // namespace llmdyno
