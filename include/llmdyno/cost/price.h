// What tokens cost on a machine that is paid by the hour. Reports of races call it. Pure functions.
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
// not add up. A price is empty when there were no tokens of its kind, or nothing was to be paid: no time
// passed, or the hour costs nothing.
struct RunCost {
  MicroUsd per_hour;
  MicroUsd run;  // per_hour * elapsed
  std::optional<MicroUsd> per_million_output;
  std::optional<MicroUsd> per_million_input;
  std::optional<MicroUsd> per_million_total;
};

// `elapsed` from the first send to the finish line; counts of tokens as at the line.
RunCost CostOf(MicroUsd per_hour, int64_t output_tokens, int64_t input_tokens, Duration elapsed);
// The same of a race's own totals: its output and input tokens, and its elapsed time.
RunCost CostOf(MicroUsd per_hour, const RunMetrics& metrics);

}  // namespace llmdyno
