#include "llmdyno/cost/serving_cost.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace llmdyno {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kSecondsPerDay = 86'400;
constexpr double kHoursPerDay = 24;
constexpr double kMillion = 1e6;
constexpr double kMostMachines = 1e12;  // beyond it only the integers would suffer

std::optional<double> Ratio(double numerator, double denominator) {
  if (!(denominator > 0)) return std::nullopt;
  return numerator / denominator;
}

// The tokens that cost is based on.
ServingCost CountsOf(const ServingMetrics& metrics) {
  ServingCost cost;
  cost.input_tokens = metrics.usage_input_tokens;
  cost.output_tokens = metrics.usage_output_tokens;
  cost.total_tokens = cost.input_tokens + cost.output_tokens;
  // No token at all means that none was reported, which is not a throughput of zero.
  if (cost.total_tokens > 0) {
    cost.sustained_output_tokens_per_second =
        Ratio(static_cast<double>(cost.output_tokens), ToSeconds(metrics.all.elapsed));
  }
  cost.without_usage_share = metrics.without_usage_share;
  return cost;
}

// `paid_successes` are those whose share of `usd` is known.
void AddUnitPrices(ServingCost& cost, int64_t paid_successes, const ServingMetrics& metrics) {
  if (cost.total_tokens > 0) {
    cost.usd_per_million_tokens = cost.usd * kMillion / static_cast<double>(cost.total_tokens);
  }
  cost.usd_per_request = Ratio(cost.usd, static_cast<double>(paid_successes));
  if (!metrics.good || !cost.usd_per_request) return;
  const double of_all_successes = *cost.usd_per_request * static_cast<double>(metrics.all.successful);
  cost.usd_per_good_request = Ratio(of_all_successes, static_cast<double>(*metrics.good));
}

bool IsPrice(double usd) { return std::isfinite(usd) && usd >= 0; }

absl::Status Wrong(const std::string& what, const char* accepted, double given) {
  char number[32];
  std::snprintf(number, sizeof number, "%g", given);
  return absl::InvalidArgumentError(what + ": expected " + accepted + ", got " + number);
}

absl::Status WrongPrice(const char* kind, double usd) {
  return Wrong("price of a million " + std::string(kind) + " tokens", "US dollars, 0 or more", usd);
}

}  // namespace

absl::Status GpuPrice::Validate() const {
  if (!std::isfinite(usd_per_gpu_hour) || usd_per_gpu_hour <= 0) {
    return Wrong("price of a GPU per hour", "US dollars above 0", usd_per_gpu_hour);
  }
  if (gpus < 1) return Wrong("number of GPUs", "1 or more", static_cast<double>(gpus));
  return absl::OkStatus();
}

absl::Status TokenPrices::Validate() const {
  if (!IsPrice(usd_per_million_input)) return WrongPrice("input", usd_per_million_input);
  if (!IsPrice(usd_per_million_output)) return WrongPrice("output", usd_per_million_output);
  if (usd_per_million_cached && !IsPrice(*usd_per_million_cached)) {
    return WrongPrice("cached input", *usd_per_million_cached);
  }
  return absl::OkStatus();
}

ServingCost CostOfGpus(const GpuPrice& price, const ServingMetrics& metrics) {
  ServingCost cost = CountsOf(metrics);
  cost.usd = static_cast<double>(price.gpus) * price.usd_per_gpu_hour * ToSeconds(metrics.all.elapsed) /
             kSecondsPerHour;
  AddUnitPrices(cost, metrics.all.successful, metrics);
  return cost;
}

ServingCost CostOfTokens(const TokenPrices& prices, const ServingMetrics& metrics) {
  ServingCost cost = CountsOf(metrics);
  const int64_t cached = std::clamp<int64_t>(metrics.usage_cached_tokens, 0, cost.input_tokens);
  const double cached_price = prices.usd_per_million_cached.value_or(prices.usd_per_million_input);
  cost.usd = (static_cast<double>(cost.input_tokens - cached) * prices.usd_per_million_input +
              static_cast<double>(cached) * cached_price +
              static_cast<double>(cost.output_tokens) * prices.usd_per_million_output) /
             kMillion;
  AddUnitPrices(cost, metrics.all.successful - metrics.without_usage, metrics);
  return cost;
}

std::optional<ProductionPlan> PlanProduction(double tokens_per_day, const GpuPrice& price,
                                             const ServingMetrics& sustainable, double headroom) {
  const auto measured = static_cast<double>(sustainable.usage_input_tokens + sustainable.usage_output_tokens);
  const std::optional<double> tokens_per_second = Ratio(measured, ToSeconds(sustainable.all.elapsed));
  if (!tokens_per_second || !(*tokens_per_second * headroom > 0) || !(tokens_per_day > 0)) {
    return std::nullopt;
  }
  ProductionPlan plan;
  plan.tokens_per_day = tokens_per_day;
  plan.headroom = headroom;
  plan.tokens_per_second_needed = tokens_per_day / kSecondsPerDay;
  plan.tokens_per_second_per_machine = headroom * *tokens_per_second;
  // A rounding error in the last digit buys no machine.
  const double exact = plan.tokens_per_second_needed / plan.tokens_per_second_per_machine * (1 - 1e-12);
  plan.machines = static_cast<int64_t>(std::clamp(std::ceil(exact), 1.0, kMostMachines));
  plan.gpus = plan.machines * price.gpus;
  plan.usd_per_day = static_cast<double>(plan.gpus) * price.usd_per_gpu_hour * kHoursPerDay;
  plan.usd_per_million_tokens = plan.usd_per_day * kMillion / tokens_per_day;
  return plan;
}

}  // namespace llmdyno
