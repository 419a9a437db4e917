// The latencies of a serving run as vLLM's block and JSON sum them up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "llmdyno/metrics/serving_metrics.h"

namespace llmdyno {

// Empty values: there was no sample. Milliseconds.
struct ServingSummary {
  std::string name;   // "ttft": in --percentile-metrics and, with _ms behind it, in keys
  std::string label;  // "TTFT"
  std::string title;  // "Time to First Token"
  std::optional<double> mean;
  std::optional<double> median;
  std::optional<double> population_std;            // vLLM divides by n, not by n - 1
  std::vector<std::optional<double>> percentiles;  // in the order asked for
};

// ttft, tpot, itl, e2el, client_queue_time, e2el_including_client_queue.
std::vector<ServingSummary> SummarizeServing(const ServingMetrics& metrics,
                                             const std::vector<double>& percentiles);

}  // namespace llmdyno
