#include "report/sweep_plot_parse.h"

#include "llmdyno/base/number_text.h"
#include "llmdyno/report/sweep_report.h"
#include "report/sweep_embedding.h"

namespace llmdyno {
namespace {

// Older files have 0 where there was no first token.
MeanStd PositiveAt(const Json& json, JsonPath path) {
  MeanStd value = MeanStdAt(json, path);
  if (value.mean && *value.mean <= 0) value = {};
  return value;
}

// The first of several places that has a value.
MeanStd FirstOf(std::initializer_list<MeanStd> values) {
  for (const MeanStd& value : values) {
    if (value.mean) return value;
  }
  return {};
}

std::vector<double> Numbers(const Json* json) {
  std::vector<double> numbers;
  if (json == nullptr || !json->is_array()) return numbers;
  for (const Json& item : *json) numbers.push_back(NumberAt(item, {}).value_or(0));
  return numbers;
}

std::optional<PlotTimeSeries> TimeSeriesOf(const Json& entry, const Json& metadata) {
  const Json* series = FindAt(entry, {"time_series"});
  if (series == nullptr) series = FindAt(entry, {"phased_metrics", "time_series"});
  if (series == nullptr) return std::nullopt;
  PlotTimeSeries parsed;
  parsed.tokens = Numbers(FindAt(*series, {"output_tokens_per_bucket"}));
  parsed.bucket_s = NumberAt(*series, {"bucket_size_seconds"})
                        .value_or(NumberAt(metadata, {"bucket_size_seconds"}).value_or(0));
  parsed.median_tokens_per_second =
      FirstOf({MeanStdAt(entry, {"steady_state", "last_run", "median_bucket_tokens_per_second"}),
               MeanStdAt(entry, {"phased_metrics", "steady_state_tps", "median"})})
          .mean;
  if (parsed.tokens.empty() || parsed.bucket_s <= 0) return std::nullopt;
  return parsed;
}

// Tables of the older of the two tools that was replaced have a median and its spread.
MeanStd OlderSteady(const Json& entry) {
  return {NumberAt(entry, {"phased_metrics", "steady_state_tps", "median"}),
          NumberAt(entry, {"phased_metrics", "steady_state_tps", "median_std"})};
}

std::optional<double> SuccessRateOf(const Json& entry) {
  if (const auto rate = NumberAt(entry, {"reliability", "success_rate"})) return rate;
  const auto successful = NumberAt(entry, {"reliability", "successful"});
  const auto total = NumberAt(entry, {"reliability", "total_requests"});
  if (!successful || !total || *total <= 0) return std::nullopt;
  return 100 * *successful / *total;
}

SweepPlotLevel LevelOf(const Json& entry, const Json& metadata) {
  SweepPlotLevel level;
  level.ttft_s =
      FirstOf({PositiveAt(entry, {"prefill_metrics", "ttft"}), PositiveAt(entry, {"latency", "ttft"})});
  level.ttfo_s = PositiveAt(entry, {"prefill_metrics", "ttfo"});
  level.decode_time_s = MeanStdAt(entry, {"decode_metrics", "decode_time"});
  level.decode_speed = PositiveAt(entry, {"decode_metrics", "output_throughput"});
  level.combined = PositiveAt(entry, {"batch_metrics", "combined_throughput"});
  level.tokens_per_second = FirstOf({MeanStdAt(entry, {"batch_metrics", "tokens_per_second"}),
                                     MeanStdAt(entry, {"batch_metrics", "e2e_tps"}),
                                     MeanStdAt(entry, {"throughput", "batch_tokens_per_second"}),
                                     MeanStdAt(entry, {"tokens_per_second_in_batch"})});
  level.request_speed = FirstOf({MeanStdAt(entry, {"throughput", "request_tokens_per_second"}),
                                 MeanStdAt(entry, {"avg_tokens_per_second"})});
  level.steady_median = MeanStdAt(entry, {"steady_state", "median_bucket_tokens_per_second"});
  level.steady =
      FirstOf({MeanStdAt(entry, {"steady_state", "window_tokens_per_second"}), OlderSteady(entry)});
  level.success_rate_percent = SuccessRateOf(entry);
  level.time_series = TimeSeriesOf(entry, metadata);
  return level;
}

SweepPlotCell ShapeOf(const ShapeCell& shape, const Json& entry) {
  SweepPlotCell cell;
  cell.batch_size = shape.batch_size;
  cell.row = std::to_string(shape.input_tokens);
  cell.column = std::to_string(shape.output_tokens);
  cell.prefill_s = MeanStdAt(entry, {"prefill_time_s"});
  cell.tpot_s = MeanStdAt(entry, {"tpot_s"});
  cell.tokens_per_second = MeanStdAt(entry, {"tokens_per_second"});
  cell.has_wrong_lengths = !FlagAt(entry, {"output_length_ok"}, true);
  return cell;
}

SweepPlotCell EmbeddingOf(const EmbeddingKey& key, const Json& entry) {
  SweepPlotCell cell;
  cell.load = key.value;
  cell.load_text = key.value_text;
  cell.row = key.length;
  cell.tokens_per_second = MeanStdAt(entry, {"throughput", "batch_tokens_per_second"});
  cell.embeddings_per_second = MeanStdAt(entry, {"throughput", "batch_embeddings_per_second"});
  cell.batch_s = MeanStdAt(entry, {"timings", "batch_total_seconds"});
  cell.request_s = MeanStdAt(entry, {"latency", "request_seconds"});
  cell.success_rate_percent = SuccessRateOf(entry);
  return cell;
}

std::string LoraOf(const Json& metadata) {
  const std::string strategy = TextAt(metadata, {"lora_config", "strategy"});
  if (strategy.empty()) return "";
  const Json* names = FindAt(metadata, {"lora_config", "lora_names"});
  if (names == nullptr || !names->is_array()) return strategy;
  return strategy + ", " + std::to_string(names->size()) + (names->size() == 1 ? " adapter" : " adapters");
}

}  // namespace

void ParsePlotMetadata(const Json& metadata, SweepPlotRun& run) {
  run.description = TextAt(metadata, {"description"});
  run.model = TextAt(metadata, {"model"});
  run.scenario = TextAt(metadata, {"scenario"});
  if (run.scenario.empty()) run.scenario = TextAt(metadata, {"dataset_key"});
  run.api_base = TextAt(metadata, {"api_base"});
  run.lora = LoraOf(metadata);
  run.run_id = TextAt(metadata, {"run_id"});
  run.num_runs = IntegerAt(metadata, {"num_runs"}).value_or(0);
  run.is_simulated = FlagAt(metadata, {"simulated"}, false);
  run.is_sustained = TextAt(metadata, {"execution_mode"}) == "sustained";
}

std::optional<SweepPlotKind> PlotKindOf(const std::string& key, const Json& entry) {
  if (!entry.is_object()) return std::nullopt;
  if (ParseShapeCell(key) && entry.contains("prefill_time_s")) return SweepPlotKind::kShapes;
  if (entry.contains("prefill_metrics") || entry.contains("decode_metrics"))
    return SweepPlotKind::kCompletion;
  if (FindAt(entry, {"throughput", "batch_embeddings_per_second"}) != nullptr)
    return SweepPlotKind::kEmbedding;
  if (FindAt(entry, {"throughput", "batch_tokens_per_second"}) != nullptr) return SweepPlotKind::kSimple;
  if (entry.contains("tokens_per_second_in_batch") || entry.contains("avg_tokens_per_second"))
    return SweepPlotKind::kSimple;
  return std::nullopt;
}

bool ParsePlotEntry(const std::string& key, const Json& entry, const Json& metadata, SweepPlotRun& run) {
  const auto kind = PlotKindOf(key, entry);
  if (!kind) return false;
  run.kind = *kind;
  if (*kind == SweepPlotKind::kShapes) {
    run.cells.push_back(ShapeOf(*ParseShapeCell(key), entry));
    return true;
  }
  if (*kind == SweepPlotKind::kEmbedding) {
    const auto parsed = ParseEmbeddingKey(key);
    if (!parsed) return false;
    run.is_sustained = parsed->load == EmbeddingLoad::kConcurrency;
    run.is_open_loop = parsed->load == EmbeddingLoad::kRate;
    run.cells.push_back(EmbeddingOf(*parsed, entry));
    return true;
  }
  const auto in_flight = ParseInteger(key);
  if (!in_flight) return false;
  SweepPlotLevel level = LevelOf(entry, metadata);
  level.in_flight = *in_flight;
  run.is_streamed = run.is_streamed || level.ttft_s.mean.has_value();
  run.levels.push_back(std::move(level));
  return true;
}

}  // namespace llmdyno
