#include "llmdyno/report/serving_block.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "llmdyno/metrics/percentile_text.h"
#include "llmdyno/report/spread_text.h"
#include "report/serving_summary.h"
#include "report/serving_text.h"
#include "report/text_format.h"
#include "report/verdict_text.h"

namespace llmdyno {
namespace {

constexpr size_t kWidth = 50;
constexpr size_t kLabel = 40;
constexpr size_t kValue = 10;
constexpr size_t kMaxMessage = 120;

// An odd rest goes to the right, as Python's "^" does it.
std::string Centred(const std::string& text, char fill) {
  const size_t rest = text.size() < kWidth ? kWidth - text.size() : 0;
  return std::string(rest / 2, fill) + text + std::string(rest - rest / 2, fill) + "\n";
}

std::string Line(const std::string& label, const std::string& value) {
  return PadRight(label, kLabel) + " " + PadRight(value, kValue) + "\n";
}

std::string Line(const std::string& label, int64_t value) { return Line(label, std::to_string(value)); }

std::string Line(const std::string& label, double value) { return Line(label, Plain(value, 2)); }

// Scripts read numbers here, so what does not exist is 0.00, as vLLM prints it. The JSON says null.
std::string Line(const std::string& label, const std::optional<double>& value) {
  return Line(label, value.value_or(0.0));
}

std::string Totals(const ServingMetrics& metrics, const ServingBlockConfig& config) {
  const RunMetrics& all = metrics.all;
  const double seconds = ToSeconds(all.elapsed);
  const double input_rate = seconds > 0 ? static_cast<double>(all.input_tokens) / seconds : 0;
  std::string text = Line("Successful requests:", all.successful) + Line("Failed requests:", all.failed);
  if (config.max_concurrency) text += Line("Maximum request concurrency:", *config.max_concurrency);
  if (std::isfinite(config.request_rate)) {
    text += Line("Request rate configured (RPS):", config.request_rate);
  }
  text += Line("Benchmark duration (s):", seconds) + Line("Total input tokens:", all.input_tokens) +
          Line("Total generated tokens:", all.output_tokens) +
          Line("Request throughput (req/s):", all.requests_per_second) +
          Line("Input token throughput (tok/s):", input_rate);
  if (metrics.good) text += Line("Request goodput (req/s):", metrics.good_per_second);
  return text + Line("Output token throughput (tok/s):", all.output_tokens_per_second) +
         Line("Peak output token throughput (tok/s):", metrics.peak_output_tokens_per_second) +
         Line("Peak concurrent requests:", static_cast<double>(metrics.peak_in_flight)) +
         Line("Total token throughput (tok/s):", all.total_tokens_per_second);
}

std::string Section(const ServingSummary& summary, const std::vector<double>& percentiles) {
  const std::string unit = " " + summary.label + " (ms):";
  std::string text =
      Centred(summary.title, '-') + Line("Mean" + unit, summary.mean) + Line("Median" + unit, summary.median);
  for (size_t i = 0; i < percentiles.size(); ++i) {
    text += Line("P" + PercentileText(percentiles[i]) + unit, summary.percentiles[i]);
  }
  return text;
}

// Below the block, so that it stays what scripts know.
std::string BelowTheBlock(const LevelReport& level) {
  std::string text;
  for (const auto& [label, count] : level.metrics.errors) {
    text += "  - " + OneLine(label) + ": " + std::to_string(count) + " occurrences\n";
  }
  for (const FailureSummary& failure : level.metrics.all.failures) {
    if (failure.sample_message.empty()) continue;
    text += "  for example (" + std::string(ToString(failure.cls)) +
            "): " + Shorten(OneLine(failure.sample_message), kMaxMessage) + "\n";
  }
  if (!text.empty()) text = "Failed requests by cause:\n" + text;
  text += "Verdict: " + VerdictLine(level.validity.valid) + "\n";
  for (const ValidityReason& reason : level.validity.reasons) {
    text += Wrap("  - " + reason.sentence, kReportWidth, "    ");
  }
  for (const std::string& caveat : CaveatSentences(level.validity, false)) {
    text += Wrap("  - " + caveat, kReportWidth, "    ");
  }
  return text;
}

// Likewise: how far the numbers above may be off.
std::string Doubt(const LevelReport& level) {
  const std::string error = FormatMeasurementErrors(level.measurement_errors);
  return (error.empty() ? "" : Labeled("Measurement error", error)) +
         FormatRepetitions(std::ssize(level.repetitions), level.repetition, "completed requests per second",
                           level.spread);
}

}  // namespace

std::string FormatServingBlock(const ServingReport& report, const ServingBlockConfig& config) {
  assert(report.levels.size() == 1);  // vLLM's benchmark holds one load
  const LevelReport& level = report.levels.front();
  const auto& wanted = config.percentile_metrics;
  std::string text = (report.is_simulated ? SimulatedLine() : "") +
                     Centred(" Serving Benchmark Result ", '=') + Totals(level.metrics, config);
  for (const ServingSummary& summary : SummarizeServing(level.metrics, config.percentiles)) {
    if (std::find(wanted.begin(), wanted.end(), summary.name) != wanted.end()) {
      text += Section(summary, config.percentiles);
    }
  }
  return text + std::string(kWidth, '=') + "\n" + Doubt(level) + BelowTheBlock(level);
}

}  // namespace llmdyno
