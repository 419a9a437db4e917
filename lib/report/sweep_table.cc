#include "llmdyno/report/sweep_table.h"

#include <algorithm>
#include <cmath>

#include "llmdyno/base/number_text.h"
#include "llmdyno/report/spread_text.h"
#include "report/sweep_embedding_table.h"
#include "report/sweep_entry.h"
#include "report/sweep_level_table.h"
#include "report/sweep_notes.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr double kToMs = 1e3;

// Reasoning makes the first answer text come later than the first text.
bool HasOwnTtfo(const RequestFigures& request) {
  constexpr double kVisible = 0.02;
  const auto ttft = request.ttft_s.Mean();
  const auto ttfo = request.ttfo_s.Mean();
  return ttft && ttfo && std::abs(*ttfo - *ttft) > kVisible * *ttft;
}

void AddRequestRows(LevelTable& table, const RequestFigures& request, bool with_throughputs) {
  table.AddPerRequest("TTFT (ms)", request.ttft_s, 2, kToMs);
  if (HasOwnTtfo(request)) table.AddPerRequest("TTFO (ms)", request.ttfo_s, 2, kToMs);
  table.AddPerRequest("TPOT (ms)", request.tpot_s, 2, kToMs);
  table.AddPerRequest("E2E (ms)", request.e2e_s, 2, kToMs);
  if (!with_throughputs) return;
  table.AddPerRequest("Decode time (ms)", request.decode_time_s, 2, kToMs);
  table.AddPerRequest("Decode tok/s", request.output_throughput, 1);
  table.AddPerRequest("Prefill tok/s", request.input_throughput, 1);
}

void AddRateRows(LevelTable& table, const RunFigures& run) {
  table.AddPerRun("Output tok/s over wall time", run.tokens_per_second, 1);
  table.AddPerRun("Combined (sum of decode speeds)", run.combined_throughput, 1);
  table.AddPerRun("Steady-state tok/s", run.steady_tokens_per_second, 1);
  if (!run.items_per_second.empty()) table.AddPerRun("Items/s", run.items_per_second, 1);
}

std::string CompletionTable(const SweepLevelMetrics& metrics) {
  LevelTable table;
  AddRequestRows(table, metrics.request, true);
  table.AddPerRun("Batch time (s)", metrics.run.batch_total_s, 3);
  table.AddPerRun("Sends within (s)", metrics.run.send_spread_s, 4);
  AddRateRows(table, metrics.run);
  return table.Text();
}

// Every metric of its schema, under the names of the file.
std::string SimpleTable(const SweepLevelMetrics& metrics) {
  LevelTable table;
  table.AddPerRequest("input_per_request", metrics.request.input_tokens, 2);
  table.AddPerRequest("output_per_request", metrics.request.output_tokens, 2);
  table.AddPerRequest("request_tokens_per_second", metrics.request.request_tokens_per_second, 2);
  table.AddPerRun("batch_tokens_per_second", metrics.run.tokens_per_second, 2);
  table.AddPerRun("batch_total_seconds", metrics.run.batch_total_s, 3);
  table.AddPerRun("fastest_seconds", metrics.run.fastest_s, 3);
  table.AddPerRun("slowest_seconds", metrics.run.slowest_s, 3);
  table.AddPerRun("spread_seconds", metrics.run.spread_s, 3);
  return table.Text();
}

std::string ShapeTable(const SweepLevelMetrics& metrics) {
  LevelTable table;
  AddRequestRows(table, metrics.request, false);
  table.AddPerRun("Output tok/s over wall time", metrics.run.tokens_per_second, 1);
  table.AddPerRun("Batch time (s)", metrics.run.batch_total_s, 3);
  std::string text = table.Text();
  const auto& check = metrics.output_lengths;
  if (check && check->requests > 0 && check->shorter + check->longer == 0) {
    text += "  Lengths verified: all " + Count(check->requests, "answer") + " as long as asked for\n";
  }
  return text;
}

std::string SumsLine(const SweepLevelMetrics& metrics) {
  const auto total = [](const Distribution& tokens) {
    return tokens.empty() ? std::string("-") : Fixed(tokens.Sum(), 0);
  };
  std::string text = "  Tokens: " + total(metrics.request.input_tokens) + " in (" +
                     PlusMinus(MeanStdOf(metrics.request.input_tokens), 1) + " a request), " +
                     total(metrics.request.output_tokens) + " out (" +
                     PlusMinus(MeanStdOf(metrics.request.output_tokens), 1) + ")";
  if (metrics.images > 0) text += "; " + Count(metrics.images, "image");
  return text + "\n";
}

std::string MetricsText(const SweepReport& report, const SweepLevelMetrics& metrics) {
  switch (report.kind) {
    case SweepKind::kCompletion:
      return SumsLine(metrics) + CompletionTable(metrics);
    case SweepKind::kSimple:
      return SumsLine(metrics) + SimpleTable(metrics);
    case SweepKind::kShapes:
      return SumsLine(metrics) + ShapeTable(metrics);
    case SweepKind::kEmbedding:
      return EmbeddingLevelText(report, metrics);
  }
  return "";
}

std::string UsageLine(const UsageExtras& extras) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "  Usage: " : "; ") + part; };
  if (extras.reasoning_tokens) add(Fixed(extras.reasoning_tokens->total, 0) + " reasoning tokens");
  if (extras.cached_tokens) {
    add(Fixed(extras.cached_tokens->total, 0) + " cached input tokens" +
        (extras.cache_hit_rate ? " (" + Fixed(100 * *extras.cache_hit_rate, 1) + " %)" : ""));
  }
  if (extras.cost) add("cost $" + Fixed(extras.cost->total, 4));
  return text.empty() ? "" : text + "\n";
}

std::string AdapterTable(const std::map<std::string, AdapterFigures>& adapters) {
  if (adapters.empty()) return "";
  constexpr size_t kNameWidth = 40;
  TextColumns table({"Adapter", "ok", "output tokens", "TTFT ms", "TPOT ms", "decode tok/s"});
  for (const auto& [name, adapter] : adapters) {
    table.Add({Shorten(OneLine(name), kNameWidth),
               WithThousands(adapter.successful) + "/" + WithThousands(adapter.requests),
               WithThousands(adapter.output_tokens), PlusMinus(MeanStdOf(adapter.ttft_s), 1, kToMs),
               PlusMinus(MeanStdOf(adapter.tpot_s), 2, kToMs),
               PlusMinus(MeanStdOf(adapter.output_throughput), 1)});
  }
  return table.Text();
}

}  // namespace

std::string FormatSweepLevel(const SweepReport& report, const SweepLevelReport& level) {
  const SweepLevelMetrics& metrics = level.metrics;
  std::string text = (report.is_simulated ? "SIMULATED " : "") + SweepLevelName(report, level.key) + ": " +
                     WithThousands(metrics.successful) + " of " + Count(metrics.requests, "request") +
                     " succeeded in " + Count(metrics.runs, "run") + "\n";
  if (metrics.successful > 0) {
    text += MetricsText(report, metrics) + UsageLine(metrics.extras) + AdapterTable(metrics.adapters);
  }
  text += FormatSpreads(level.spread);
  return text + FormatSweepLevelNotes(SweepEntryJson(report, level));
}

}  // namespace llmdyno
