#include "llmdyno/cost/price.h"

namespace llmdyno {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kMillion = 1e6;

std::optional<MicroUsd> PerMillion(MicroUsd cost, int64_t tokens) {
  if (tokens <= 0 || cost.Usd() <= 0) return std::nullopt;
  return MicroUsd::FromUsd(cost.Usd() / static_cast<double>(tokens) * kMillion);
}

}  // namespace

std::optional<MicroUsd> CostPerMillion(MicroUsd per_hour, double tokens_per_second) {
  if (!(tokens_per_second > 0)) return std::nullopt;
  return MicroUsd::FromUsd(per_hour.Usd() * (kMillion / tokens_per_second) / kSecondsPerHour);
}

RunCost CostOf(MicroUsd per_hour, int64_t output_tokens, int64_t input_tokens, Duration elapsed) {
  RunCost cost;
  cost.per_hour = per_hour;
  cost.run = MicroUsd::FromUsd(per_hour.Usd() * ToSeconds(elapsed) / kSecondsPerHour);
  cost.per_million_output = PerMillion(cost.run, output_tokens);
  cost.per_million_input = PerMillion(cost.run, input_tokens);
  cost.per_million_total = PerMillion(cost.run, output_tokens + input_tokens);
  return cost;
}

RunCost CostOf(MicroUsd per_hour, const RunMetrics& metrics) {
  return CostOf(per_hour, metrics.output_tokens, metrics.input_tokens, metrics.elapsed);
}

}  // namespace llmdyno
