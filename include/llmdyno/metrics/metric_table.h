// Every metric that llmdyno knows, one row each: the list that documentation, reports and files are generated
// from or checked against. Read by writers and tests; never changes, so any thread may. Formulas:
// docs/metrics.md.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "llmdyno/core/record.h"
#include "llmdyno/metrics/distribution.h"
#include "llmdyno/metrics/gap_histogram.h"
#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// What has one value of the metric.
enum class MetricScope {
  kRequest,  // one value per request; a run has their distribution
  kToken,    // one value per token; a run has their histogram
  kRun,      // one value per run
};
// "request", "token", "run".
std::string_view ToString(MetricScope scope);

// Whose values a run's distribution has. Warm-up requests are in none.
enum class MetricPopulation {
  kAnswered,  // ended ok, whether before the finish line or in the drain
  kMeasured,  // every request
  kFailed,    // had failed at the finish line
  kRace,      // the run as at the finish line
};
// "answered", "measured", "failed", "race".
std::string_view ToString(MetricPopulation population);

// Which of the last four members are set follows from the scope.
struct MetricDef {
  std::string_view name;   // as in files, with its unit: "ttft_ms"
  std::string_view title;  // as on screen: "TTFT"
  std::string_view unit;   // "ms", "s", "tokens", "requests", "tokens/s", "%", "1" …
  MetricScope scope;
  MetricPopulation population;
  std::string_view applies_when;  // which requests or runs have it

  std::optional<double> (*of_request)(const RequestRecord&) = nullptr;  // kRequest
  Distribution RunMetrics::*distribution = nullptr;                     // kRequest
  GapHistogram RunMetrics::*histogram = nullptr;                        // kToken
  std::optional<double> (*of_run)(const RunMetrics&) = nullptr;         // kRun
};

// All rows in the order of reports; the memory lives for the whole program.
std::span<const MetricDef> MetricTable();
// Nothing for an unknown name.
const MetricDef* FindMetric(std::string_view name);

}  // namespace llmdyno
