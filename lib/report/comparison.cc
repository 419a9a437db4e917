#include "llmdyno/report/comparison.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "llmdyno/base/number_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kNameWidth = 30;
constexpr std::array<size_t, 6> kWidths = {8, 12, 15, 13, 10, 11};  // with the name: 99 columns

std::string Line(std::string_view name, const std::array<std::string, 6>& cells) {
  std::string line = PadRight(Shorten(name, kNameWidth), kNameWidth);
  for (size_t i = 0; i < cells.size(); ++i) line += PadLeft(cells[i], kWidths[i]);
  return line + "\n";
}

// Throughput against the first run's: "+12.3%".
std::string Difference(std::optional<double> value, std::optional<double> reference) {
  if (!value || !reference || *reference <= 0) return "-";
  const double percent = 100 * (*value / *reference - 1);
  return (percent >= 0 ? "+" : "") + Fixed(percent, 1) + "%";
}

std::string Name(const RunDigest& run) {
  std::string name = OneLine(run.label);
  if (run.is_simulated) name += " SIMULATED";
  if (run.is_valid == false) name += " SUSPECT";
  return name;
}

}  // namespace

std::string FormatComparison(std::span<const RunDigest> runs) {
  std::string text =
      Line("Configuration", {"Users", "Time", "Output tokens", "Tokens/sec", "Success", "vs first"});
  bool any_inexact = false;
  for (const RunDigest& run : runs) {
    const auto throughput = run.OutputTokensPerSecond();
    const auto success = run.SuccessRatePercent();
    const bool is_first = &run == &runs.front();
    any_inexact = any_inexact || !run.is_exact;
    text += Line(Name(run), {run.users ? WithThousands(*run.users) : "-",
                             run.elapsed_s ? (run.is_exact ? "" : "~") + Fixed(*run.elapsed_s, 1) + "s" : "-",
                             WithThousands(run.output_tokens), FixedOrDash(throughput, 1),
                             success ? Fixed(*success, 2) + "%" : "-",
                             is_first ? "-" : Difference(throughput, runs.front().OutputTokensPerSecond())});
  }
  if (any_inexact) text += "~ from timestamps of whole seconds, off by up to one second\n";
  return text;
}

}  // namespace llmdyno
