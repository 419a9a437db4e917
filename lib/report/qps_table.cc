#include "llmdyno/report/qps_table.h"

#include <algorithm>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/metrics/percentile_text.h"
#include "report/level_notes.h"
#include "report/serving_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kRule = 80;
constexpr size_t kWide = 12;
constexpr size_t kNarrow = 10;

// Left-justified cells with one space between.
class Row {
 public:
  void Cell(const std::string& text, size_t width) {
    text_ += (text_.empty() ? "" : " ") + PadRight(text, width);
  }
  std::string Line() const { return text_ + "\n"; }
  size_t width() const { return ScreenWidth(text_); }

 private:
  std::string text_;
};

// A percentile with its mark, if that leaves the columns where they are.
std::string PercentileCell(const Distribution& values, double percentile, double scale, int decimals) {
  const double p = percentile / 100;
  const auto value = values.Quantile(p);
  if (!value) return "-";
  std::string text = Plain(*value * scale, decimals);
  if (values.IsThin(p) && text.size() < kWide) text += '~';
  return text;
}

bool HasCost(const ServingReport& report) {
  return std::any_of(report.levels.begin(), report.levels.end(),
                     [](const LevelReport& level) { return level.cost.has_value(); });
}

Row Head(const ServingReport& report) {
  const bool is_rate = report.load_kind == LoadKind::kRate;
  Row row;
  row.Cell(is_rate ? "QPS Target" : "Users", kWide);
  row.Cell("Actual QPS", kWide);
  row.Cell("Success%", kNarrow);
  for (const double p : report.percentiles) row.Cell("TTFT P" + PercentileText(p) + "(s)", kWide);
  for (const double p : report.percentiles) row.Cell("E2E P" + PercentileText(p) + "(s)", kWide);
  for (const double p : report.percentiles) row.Cell("Tok/s P" + PercentileText(p), kWide);
  if (HasCost(report)) row.Cell("$/M Tokens", kWide);
  row.Cell("n", kNarrow);
  return row;
}

std::string CostCell(const LevelReport& level) {
  if (!level.cost || !level.cost->usd_per_million_tokens) return "N/A";
  return "$" + Plain(*level.cost->usd_per_million_tokens, 4);
}

Row LevelRow(const ServingReport& report, const LevelReport& level) {
  constexpr double kMsToSeconds = 1e-3;
  const ServingMetrics& metrics = level.metrics;
  Row row;
  row.Cell(LoadText(level.target, report.load_kind), kWide);
  row.Cell(PlainOrDash(ActualRate(level, report.load_kind), 2), kWide);
  row.Cell(PlainOrDash(metrics.all.success_rate_percent, 1), kNarrow);
  for (const double p : report.percentiles)
    row.Cell(PercentileCell(metrics.all.ttft, p, kMsToSeconds, 3), kWide);
  for (const double p : report.percentiles)
    row.Cell(PercentileCell(metrics.all.e2e, p, kMsToSeconds, 3), kWide);
  for (const double p : report.percentiles) row.Cell(PercentileCell(metrics.request_speed, p, 1, 1), kWide);
  if (HasCost(report)) row.Cell(CostCell(level), kWide);
  row.Cell(std::to_string(metrics.all.e2e.n()), kNarrow);
  return row;
}

std::string ReadingNotes(const ServingReport& report, bool any_thin) {
  std::string text = "Latencies and speeds are those of the n successful requests, from the send; P" +
                     PercentileText(report.percentiles.empty() ? 99 : report.percentiles.back()) +
                     " of Tok/s is the fastest end.\n";
  if (any_thin) text += "~ too few requests for this percentile to mean much\n";
  return text;
}

// Rates over the window in which requests were due, and over the whole; how late requests left.
std::string RatesTable(const ServingReport& report) {
  constexpr double kMsToUs = 1e3;
  const bool with_goodput =
      std::any_of(report.levels.begin(), report.levels.end(),
                  [](const LevelReport& level) { return level.metrics.good.has_value(); });
  Row head;
  head.Cell(report.load_kind == LoadKind::kRate ? "QPS Target" : "Users", kWide);
  for (const char* title : {"Offered/s", "Sent/s", "Completed/s"}) head.Cell(title, kWide);
  if (with_goodput) head.Cell("Good/s", kWide);
  for (const char* title : {"Out tok/s", "Total tok/s"}) head.Cell(title, kWide);
  head.Cell("Send error us P50", 18);
  for (const char* title : {"P99", "max"}) head.Cell(title, kWide);
  std::string text = "\nThroughput and send error (actual - scheduled)\n" + head.Line();
  for (const LevelReport& level : report.levels) {
    const ServingMetrics& metrics = level.metrics;
    const auto in_us = [](std::optional<double> ms) {
      return ms ? Plain(*ms * kMsToUs, 0) : std::string("-");
    };
    Row row;
    row.Cell(LoadText(level.target, report.load_kind), kWide);
    row.Cell(PlainOrDash(metrics.offered_per_second, 2), kWide);
    row.Cell(PlainOrDash(metrics.sent_per_second, 2), kWide);
    row.Cell(PlainOrDash(metrics.completed_per_second, 2), kWide);
    if (with_goodput) row.Cell(PlainOrDash(metrics.good_per_second, 2), kWide);
    row.Cell(PlainOrDash(metrics.all.output_tokens_per_second, 1), kWide);
    row.Cell(PlainOrDash(metrics.all.total_tokens_per_second, 1), kWide);
    row.Cell(in_us(metrics.all.send_lag.Quantile(0.5)), 18);
    row.Cell(in_us(metrics.all.send_lag.Quantile(0.99)), kWide);
    row.Cell(in_us(metrics.all.send_lag.Max()), kWide);
    text += row.Line();
  }
  return text;
}

}  // namespace

std::string FormatQpsTable(const ServingReport& report) {
  const std::string title =
      report.load_kind == LoadKind::kRate ? "QPS BENCHMARK RESULTS" : "CONCURRENCY BENCHMARK RESULTS";
  const Row head = Head(report);
  const std::string rule = std::string(kRule, '=') + "\n";
  std::string text = (report.is_simulated ? SimulatedLine() : "") + rule + title + "\n" + rule + head.Line() +
                     std::string(std::max(kRule, head.width()), '-') + "\n";
  std::string rows;
  for (const LevelReport& level : report.levels) rows += LevelRow(report, level).Line();
  if (rows.empty()) return text + "No level was run to its end.\n";
  text += rows + ReadingNotes(report, rows.find('~') != std::string::npos) + RatesTable(report);
  for (const LevelReport& level : report.levels) text += FormatLevelNotes(report, level);
  return text + FormatMeasuringNotes(report);
}

}  // namespace llmdyno
