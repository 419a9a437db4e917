// What vLLM's benchmark_serving.py prints and saves, with the same labels, widths and keys, so that scripts
// and dashboards made for it keep working. The serving command prints and saves it. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/report/serving_report.h"

namespace llmdyno {

// What the block and the file say beside the metrics of the one level.
struct ServingBlockConfig {
  std::string backend = "openai";
  std::string label;      // empty: the backend
  std::string tokenizer;  // empty: the model
  int64_t num_prompts = 0;
  double request_rate = 0;  // infinity: "inf"
  double burstiness = 1;
  std::optional<int64_t> max_concurrency;
  std::vector<std::string> percentile_metrics = {"ttft", "tpot", "itl"};  // sections of the block: of these,
                                                                          // e2el, client_queue_time and
                                                                          // e2el_including_client_queue
  std::vector<double> percentiles = {99};
  std::vector<std::pair<std::string, std::string>> metadata;  // --metadata k=v
  bool save_detailed = false;
  // Local time as YYYYmmdd-HHMMSS.
  std::string date;
};

// The result block; needs exactly one level. Ends in a newline. A value that does not exist is 0.00, as vLLM
// prints it. What is ours stands above or below the block: SIMULATED, causes of failures, a SUSPECT client.
std::string FormatServingBlock(const ServingReport& report, const ServingBlockConfig& config);
// The JSON of --save-result, on one line. Adds "first_token" (the definition that ttft used) and, in
// "llmdyno", keys of ours. Arrays, queue times and the deviation of the gaps need ServingMetrics::details. A
// summary without samples is null; no NaN.
std::string ServingJson(const ServingReport& report, const ServingBlockConfig& config);
// "{label}-{rate}qps[-concurrency{N}]-{model}-{date}.json".
std::string ServingFileName(const ServingReport& report, const ServingBlockConfig& config);

}  // namespace llmdyno
