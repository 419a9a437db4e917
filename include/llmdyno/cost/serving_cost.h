// What a level of a benchmark cost, on machines paid by the hour and at prices per token, and what production
// would. Reports of QPS and serving benchmarks call it. Values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "llmdyno/base/money.h"
#include "llmdyno/base/time.h"
#include "llmdyno/metrics/serving_metrics.h"

namespace llmdyno {

// GPUs rented by the hour.
struct GpuPrice {
  double usd_per_gpu_hour = 0;
  int64_t gpus = 1;

  // InvalidArgument unless the price is finite and above 0 and there is at least one GPU.
  absl::Status Validate() const;
};

// A hosted API's prices per million tokens. Cached input tokens cost `cached`, or as much as others when that
// is not set.
struct TokenPrices {
  double usd_per_million_input = 0;
  double usd_per_million_output = 0;
  std::optional<double> usd_per_million_cached = {};

  // InvalidArgument, naming the price, unless each is finite and 0 or more.
  absl::Status Validate() const;
};

// From API-reported tokens of successful requests only (ServingMetrics::usage_*). The drain is paid for.
// Plain doubles in US dollars: the formulas are checked to nine decimals.
struct ServingCost {
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t total_tokens = 0;
  std::optional<double> sustained_output_tokens_per_second;  // output_tokens / elapsed; empty without tokens
  double usd = 0;  // gpus * usd_per_gpu_hour * elapsed / 3600, or the sum of the tokens' prices
  std::optional<double> usd_per_million_tokens;  // usd * 1e6 / total_tokens; empty without tokens
  // Of a success; at prices per token, of a success with usage. The successes that met no goodput are paid
  // for by those that did; empty when not asked for, or when there was none.
  std::optional<double> usd_per_request;
  std::optional<double> usd_per_good_request;
  std::optional<double> without_usage_share;  // of the successes: tokens that are missing above
};

// gpus * usd_per_gpu_hour * (first send to last end) / 3600. Needs a valid price.
ServingCost CostOfGpus(const GpuPrice& price, const ServingMetrics& metrics);
// The sum of the tokens at their prices, of successes whose usage was reported. Needs valid prices.
ServingCost CostOfTokens(const TokenPrices& prices, const ServingMetrics& metrics);

// How many machines a daily amount of tokens needs, and what they cost.
struct ProductionPlan {
  double tokens_per_day = 0;
  double headroom = 0.70;                    // share of the sustainable throughput that is planned with
  double tokens_per_second_needed = 0;       // tokens_per_day / 86400
  double tokens_per_second_per_machine = 0;  // headroom * total tokens/s at the sustainable level
  int64_t machines = 0;                      // rounded up; a machine is what was measured (all its GPUs)
  int64_t gpus = 0;
  double usd_per_day = 0;             // gpus * usd_per_gpu_hour * 24
  double usd_per_million_tokens = 0;  // usd_per_day * 1e6 / tokens_per_day
};

// `sustainable` are the metrics of the level that the recommendation is based on; headroom is above 0 and at
// most 1. Nothing when the level had no tokens with usage, and for a demand that is not above zero.
std::optional<ProductionPlan> PlanProduction(double tokens_per_day, const GpuPrice& price,
                                             const ServingMetrics& sustainable, double headroom = 0.70);

}  // namespace llmdyno
