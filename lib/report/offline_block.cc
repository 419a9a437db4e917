#include "llmdyno/report/offline_block.h"

#include "llmdyno/base/number_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kLabelWidth = 32;
constexpr size_t kRule = 58;

// vLLM's sample has no separators of thousands, and scripts read it.
std::string Plain(std::optional<double> value, int decimals) {
  std::string text = FixedOrDash(value, decimals);
  std::erase(text, ',');
  return text;
}

std::string Line(std::string_view label, const std::string& value) {
  return PadRight("* " + std::string(label) + ":", kLabelWidth) + value + "\n";
}

std::string Rule(std::string_view title) {
  const std::string middle = title.empty() ? "" : " " + std::string(title) + " ";
  const size_t left = (kRule - middle.size()) / 2;
  return "* " + std::string(left, '=') + middle + std::string(kRule - left - middle.size(), '=') + "\n";
}

std::optional<double> PerSecond(int64_t tokens, const RunMetrics& metrics) {
  if (metrics.elapsed <= Duration::zero()) return std::nullopt;
  return static_cast<double>(tokens) / ToSeconds(metrics.elapsed);
}

std::optional<double> PerGeneration(int64_t tokens, const RunMetrics& metrics) {
  if (metrics.successful == 0) return std::nullopt;
  return static_cast<double>(tokens) / static_cast<double>(metrics.successful);
}

}  // namespace

std::string FormatOfflineBlock(const RaceReport& report) {
  const RunMetrics& metrics = report.metrics;
  std::string text =
      Rule(report.is_simulated ? "SIMULATED offline batch, over HTTP" : "Offline batch, over HTTP");
  text += Line("Total Time", Plain(ToSeconds(metrics.elapsed), 2));
  text += Line("Total Generations", std::to_string(metrics.successful));
  text += "\n\n";
  text += Line("Generations / Sec", Plain(metrics.requests_per_second, 2));
  text += Line("Generation Tok / Sec", Plain(metrics.output_tokens_per_second, 2));
  text += Line("Prompt Tok / Sec", Plain(PerSecond(metrics.input_tokens, metrics), 2));
  text += "\n\n";
  text += Line("Avg Generation Tokens", Plain(PerGeneration(metrics.output_tokens, metrics), 2));
  text += Line("Avg Prompt Tokens", Plain(PerGeneration(metrics.input_tokens, metrics), 2));
  return text + Rule("");
}

}  // namespace llmdyno
