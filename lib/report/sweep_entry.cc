#include "report/sweep_entry.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "report/sweep_embedding.h"
#include "report/sweep_leaf.h"

namespace llmdyno {
namespace {

Json TokensJson(const RequestFigures& request) {
  return {{"input_per_request", LeafJson(request.input_tokens)},
          {"output_per_request", LeafJson(request.output_tokens)}};
}

// The keys that the predecessors' schemas do not have.
Json RatesJson(const RunFigures& run) {
  return {{"tokens_per_second", LeafJson(run.tokens_per_second)},
          {"total_tokens_per_second", LeafJson(run.total_tokens_per_second)},
          {"e2e_tps", LeafJson(run.tokens_per_second)},
          {"wall_time", LeafJson(run.batch_total_s)},
          {"requests_per_second", LeafJson(run.requests_per_second)},
          {"items_per_second", LeafJson(run.items_per_second)}};
}

Json CompletionEntry(const SweepLevelMetrics& metrics) {
  const RequestFigures& request = metrics.request;
  Json batch = {{"combined_throughput", LeafJson(metrics.run.combined_throughput)},
                {"batch_duration", LeafJson(metrics.run.batch_total_s)}};
  batch.update(RatesJson(metrics.run));
  return {{"tokens", TokensJson(request)},
          {"timings", TimingsJson(metrics.run)},
          {"prefill_metrics",
           {{"ttft", LeafJson(request.ttft_s)},
            {"input_throughput", LeafJson(request.input_throughput)},
            {"ttfo", LeafJson(request.ttfo_s)}}},
          {"decode_metrics",
           {{"output_throughput", LeafJson(request.output_throughput)},
            {"tpot", LeafJson(request.tpot_s)},
            {"decode_time", LeafJson(request.decode_time_s)},
            {"e2e", LeafJson(request.e2e_s)}}},
          {"batch_metrics", batch},
          {"reliability", ReliabilityJson(metrics)},
          {"steady_state", SteadyStateJson(metrics)},
          {"time_series", TimeSeriesJson(metrics)}};
}

Json SimpleEntry(const SweepLevelMetrics& metrics) {
  const RequestFigures& request = metrics.request;
  return {{"tokens", TokensJson(request)},
          {"timings", TimingsJson(metrics.run)},
          {"throughput",
           {{"batch_tokens_per_second", LeafJson(metrics.run.tokens_per_second)},
            {"request_tokens_per_second", LeafJson(request.request_tokens_per_second)},
            {"total_tokens_per_second", LeafJson(metrics.run.total_tokens_per_second)},
            {"requests_per_second", LeafJson(metrics.run.requests_per_second)}}},
          {"latency",
           {{"ttft", LeafJson(request.ttft_s)},
            {"tpot", LeafJson(request.tpot_s)},
            {"e2e", LeafJson(request.e2e_s)}}},
          {"reliability", ReliabilityJson(metrics)},
          {"steady_state", SteadyStateJson(metrics)},
          {"time_series", TimeSeriesJson(metrics)}};
}

Json LengthOk(const std::optional<OutputLengthCheck>& check) {
  if (!check || check->requests == 0) return nullptr;
  return check->shorter + check->longer == 0;
}

Json ShapeEntry(const SweepLevelReport& level) {
  const SweepLevelMetrics& metrics = level.metrics;
  const ShapeCell cell = level.cell ? *level.cell : ParseShapeCell(level.key).value_or(ShapeCell());
  const auto& check = metrics.output_lengths;
  return {{"input_tokens", cell.input_tokens},
          {"output_tokens", cell.output_tokens},
          {"batch_size", cell.batch_size},
          {"prefill_time_s", LeafJson(metrics.request.ttft_s)},
          {"tpot_s", LeafJson(metrics.request.tpot_s)},
          {"e2e_s", LeafJson(metrics.request.e2e_s)},
          {"tokens_per_second", LeafJson(metrics.run.tokens_per_second)},
          {"total_tokens_per_second", LeafJson(metrics.run.total_tokens_per_second)},
          {"batch_total_seconds", LeafJson(metrics.run.batch_total_s)},
          {"output_length_ok", LengthOk(check)},
          {"output_length_flagged", check ? Json(check->shorter + check->longer) : Json(nullptr)},
          {"tokens", TokensJson(metrics.request)},
          {"reliability", ReliabilityJson(metrics)}};
}

// The place among the loads that were asked for; behind them all for another one.
int64_t LoadRank(const SweepReport& report, const std::string& load) {
  for (size_t i = 0; i < report.sweep_values.size(); ++i) {
    if (std::to_string(report.sweep_values[i]) == load) return static_cast<int64_t>(i);
  }
  return std::ssize(report.sweep_values);
}

// Where an entry belongs in the file.
std::tuple<int64_t, double, int64_t> Rank(const SweepReport& report, const std::string& key) {
  if (const auto cell = ParseShapeCell(key)) {
    return {cell->input_tokens, static_cast<double>(cell->output_tokens), cell->batch_size};
  }
  const auto embedding = ParseEmbeddingKey(key);
  if (!embedding) return {LoadRank(report, key), 0, 0};
  const auto& lengths = report.sequence_lengths;
  // sweep_values has rates rounded, so that two may be the same: they go by size.
  const int64_t load = embedding->load == EmbeddingLoad::kRate ? 0 : LoadRank(report, embedding->value_text);
  return {load, embedding->value,
          std::find(lengths.begin(), lengths.end(), embedding->length) - lengths.begin()};
}

}  // namespace

Json SweepEntryJson(const SweepReport& report, const SweepLevelReport& level) {
  Json entry;
  switch (report.kind) {
    case SweepKind::kCompletion:
      entry = CompletionEntry(level.metrics);
      break;
    case SweepKind::kSimple:
      entry = SimpleEntry(level.metrics);
      break;
    case SweepKind::kShapes:
      entry = ShapeEntry(level);
      break;
    case SweepKind::kEmbedding:
      return EmbeddingEntryJson(level);
  }
  AddSweepDetails(entry, level);
  return entry;
}

std::vector<SweepEntry> SweepEntries(const SweepReport& report) {
  std::vector<SweepEntry> entries;
  for (const SweepLevelReport& level : report.levels) {
    entries.push_back({level.key, SweepEntryJson(report, level)});
  }
  for (const KeptLevel& kept : report.kept_levels) {
    const bool is_new = std::any_of(report.levels.begin(), report.levels.end(),
                                    [&](const SweepLevelReport& level) { return level.key == kept.key; });
    Json json = Json::parse(kept.json, nullptr, false);
    if (!is_new && json.is_object()) entries.push_back({kept.key, std::move(json), true});
  }
  std::stable_sort(entries.begin(), entries.end(), [&](const SweepEntry& a, const SweepEntry& b) {
    return Rank(report, a.key) < Rank(report, b.key);
  });
  return entries;
}

}  // namespace llmdyno
