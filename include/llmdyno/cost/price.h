// What tokens cost on a machine that is paid by the hour.
#pragma once

#include <cstdint>
#include <optional>

#include "llmdyno/base/money.h"
#include "llmdyno/base/time.h"
#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// Price of one million tokens at a steady throughput: price per hour * seconds for a million / 3600. At 1.47
// USD an hour and 2500 tokens/s (400 s for a million) 0.163 USD. Nothing unless the throughput is above zero.
std::optional<MicroUsd> CostPerMillion(MicroUsd per_hour, double tokens_per_second);

// What a run cost. Each price divides the whole cost by one kind of token, so they are alternatives and do
// not add up. A price is empty when there were no tokens of its kind, or no time passed.
struct RunCost {
  MicroUsd per_hour;
  MicroUsd run;  // per_hour * elapsed
  std::optional<MicroUsd> per_million_output;
  std::optional<MicroUsd> per_million_input;
  std::optional<MicroUsd> per_million_total;
};

RunCost CostOf(MicroUsd per_hour, int64_t output_tokens, int64_t input_tokens, Duration elapsed);
RunCost CostOf(MicroUsd per_hour, const RunMetrics& metrics);

}  // namespace llmdyno
