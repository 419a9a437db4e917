#include "llmdyno/report/cost_block.h"

#include "llmdyno/base/number_text.h"
#include "llmdyno/cost/price.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

std::string Line(std::string_view label, const std::string& value) {
  return PadRight("  " + std::string(label) + ":", 31) + value + "\n";
}

std::string Usd(const std::optional<MicroUsd>& money) {
  return money ? "$" + Fixed(money->Usd(), 3) : std::string("-");
}

std::string TimeText(const RunDigest& run) {
  if (!run.elapsed_s) return "-";
  const std::string seconds = Fixed(*run.elapsed_s, 1) + "s";
  return run.is_exact ? seconds
                      : "~" + seconds + " (from timestamps of whole seconds, off by up to one second)";
}

std::optional<double> SecondsForAMillion(const RunDigest& run) {
  const auto throughput = run.OutputTokensPerSecond();
  if (!throughput || *throughput <= 0) return std::nullopt;
  return 1e6 / *throughput;
}

}  // namespace

std::string FormatCostBlock(const RunDigest& run, MicroUsd per_hour) {
  const RunCost cost =
      CostOf(per_hour, run.output_tokens, run.input_tokens, FromSeconds(run.elapsed_s.value_or(0)));
  const auto seconds = SecondsForAMillion(run);
  std::string title = "Cost of " + OneLine(run.label);
  if (run.is_simulated) title += " (SIMULATED)";
  return title + ", from " + run.source + "\n" + Line("Output Tokens", WithThousands(run.output_tokens)) +
         Line("Input Tokens", WithThousands(run.input_tokens)) + Line("Time Elapsed", TimeText(run)) +
         Line("Avg Throughput", FixedOrDash(run.OutputTokensPerSecond(), 1) + " tokens/sec") +
         Line("Time for 1M output tokens", seconds ? Fixed(*seconds, 1) + "s" : "-") +
         Line("Price per hour", "$" + Fixed(per_hour.Usd(), 2)) + Line("Cost of the run", Usd(cost.run)) +
         Line("Cost per 1M output tokens", Usd(cost.per_million_output)) +
         Line("Cost per 1M input tokens", Usd(cost.per_million_input)) +
         Line("Cost per 1M total tokens", Usd(cost.per_million_total)) +
         "  Each price divides the whole cost by one kind of token; they do not add up.\n";
}

}  // namespace llmdyno
