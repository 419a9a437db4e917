#include "llmdyno/report/spread_text.h"

#include "report/text_format.h"

namespace llmdyno {

std::string FormatSpread(std::string_view title, std::string_view unit, const Spread& spread) {
  const double reach = (spread.mean_ci95.high - spread.mean_ci95.low) / 2;
  std::string text = std::string(title) + ": " + Fixed(spread.mean, 2) + " " + std::string(unit) + " ± " +
                     Fixed(reach, 2) + " (95 %, " + Count(spread.runs, "run") + ")";
  if (!spread.within_standard_deviation || !spread.between_standard_deviation) return text;
  text += "; within a run ± " + Fixed(*spread.within_standard_deviation, 2) + ", between runs ± " +
          Fixed(*spread.between_standard_deviation, 2);
  if (spread.intraclass_share)
    text += " (" + Fixed(100 * *spread.intraclass_share, 0) + " % of the variance)";
  return text;
}

std::string FormatSpreads(std::span<const FigureSpread> spread) {
  std::string text;
  for (const FigureSpread& figure : spread) {
    text += Labeled(text.empty() ? "Spread" : "", FormatSpread(figure.title, figure.unit, figure.spread));
  }
  return text;
}

std::string FormatRepetitions(int64_t repetitions, int64_t repetition, std::string_view by,
                              std::span<const FigureSpread> spread) {
  if (repetitions == 0) return "";
  return Labeled("Repetitions", std::to_string(repetitions) + "; the figures are those of repetition " +
                                    std::to_string(repetition + 1) + ", the median of the complete ones by " +
                                    std::string(by)) +
         FormatSpreads(spread);
}

std::string FormatRepetitionLine(int64_t repetition, int64_t repetitions, const RunMetrics& metrics,
                                 bool is_valid) {
  const auto itl = metrics.itl.Mean();
  const auto mean = [](const Distribution& values) { return FixedOrDash(values.Mean(), 2); };
  std::string text = "repetition " + std::to_string(repetition + 1) + " of " + std::to_string(repetitions) +
                     ": " + FixedOrDash(metrics.output_tokens_per_second, 1) + " tokens/s, " +
                     FixedOrDash(metrics.requests_per_second, 2) + " requests/s, TTFT mean " +
                     mean(metrics.ttft) + " ms, p50 " + FixedOrDash(metrics.ttft.Quantile(0.5), 2) +
                     ", p99 " + FixedOrDash(metrics.ttft.Quantile(0.99), 2) + ", TPOT " + mean(metrics.tpot) +
                     " ms, ITL " + (itl ? Fixed(ToMilliseconds(*itl), 2) : "-") + " ms, E2E " +
                     mean(metrics.e2e) + " ms";
  if (metrics.failed > 0) text += ", " + Count(metrics.failed, "failure");
  if (!is_valid) text += ", client SUSPECT";
  return text + "\n";
}

}  // namespace llmdyno
