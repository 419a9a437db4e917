#include "report/sweep_metadata.h"

#include <set>

#include "llmdyno/metrics/steady_state.h"
#include "report/sweep_embedding.h"

namespace llmdyno {
namespace {

Json TimestampJson(const SweepReport& report) {
  const auto& started = report.provenance.started_at;
  return started ? Json(IsoLocal(*started)) : Json(nullptr);
}

// The levels that have an entry, as numbers: a reader that goes through them finds each.
Json LevelValues(const std::vector<SweepEntry>& entries) {
  Json values = Json::array();
  for (const SweepEntry& entry : entries) {
    const Json in_flight = entry.json.value("in_flight", Json(nullptr));
    if (in_flight.is_number_integer()) values.push_back(in_flight);
  }
  return values;
}

Json DatasetJson(const SweepReport& report) {
  return report.dataset_config_json.empty() ? Json(nullptr) : ConfigurationJson(report.dataset_config_json);
}

Json LoraJson(const SweepReport& report) {
  if (!report.lora) return nullptr;
  return {{"strategy", report.lora->strategy},
          {"lora_names", report.lora->names},
          {"base_model_ratio", report.lora->base_model_ratio},
          {"zipf_alpha", report.lora->zipf_alpha}};
}

Json CompletionKeys(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  return {{"timestamp", TimestampJson(report)},
          {"model", report.model},
          {"scenario", TextOrNull(report.scenario)},
          {"dataset_config", DatasetJson(report)},
          {"api_base", report.api_base},
          {"batch_sizes", LevelValues(entries)},
          {"num_runs", report.num_runs},
          {"warmup_runs", report.warmup_runs},
          {"temperature", ValueOrNull(report.temperature)},
          {"description", report.description},
          {"seed", report.seed},
          {"lora_config", LoraJson(report)}};
}

// One loop sends everything, on one core.
Json SimpleKeys(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  return {{"timestamp", TimestampJson(report)},
          {"model", report.model},
          {"dataset_key", TextOrNull(report.dataset_key)},
          {"api_base", report.api_base},
          {"batch_sizes", LevelValues(entries)},
          {"num_runs", report.num_runs},
          {"max_tokens", ValueOrNull(report.max_tokens)},
          {"temperature", ValueOrNull(report.temperature)},
          {"seed", report.seed},
          {"warmup_runs", report.warmup_runs},
          {"n_cores", 1},
          {"description", report.description},
          {"scenario", TextOrNull(report.scenario)},
          {"dataset_config", DatasetJson(report)},
          {"lora_config", LoraJson(report)}};
}

Json ShapeKeys(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  std::set<int64_t> inputs;
  std::set<int64_t> outputs;
  std::set<int64_t> batches;
  for (const SweepEntry& entry : entries) {
    const auto cell = ParseShapeCell(entry.key);
    if (!cell) continue;
    inputs.insert(cell->input_tokens);
    outputs.insert(cell->output_tokens);
    batches.insert(cell->batch_size);
  }
  Json json = CompletionKeys(report, entries);
  json["batch_sizes"] = batches;
  json["input_lengths"] = inputs;
  json["output_lengths"] = outputs;
  return json;
}

Json EmbeddingKeys(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  Json json = EmbeddingKeysJson(report, entries);
  json["timestamp"] = TimestampJson(report);
  return json;
}

Json SchemaKeys(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  switch (report.kind) {
    case SweepKind::kCompletion:
      return CompletionKeys(report, entries);
    case SweepKind::kSimple:
      return SimpleKeys(report, entries);
    case SweepKind::kShapes:
      return ShapeKeys(report, entries);
    case SweepKind::kEmbedding:
      return EmbeddingKeys(report, entries);
  }
  return Json::object();
}

void AddLoadKeys(Json& json, const SweepReport& report) {
  json["execution_mode"] = !report.request_rate.empty() ? "open_loop"
                           : report.is_sustained        ? "sustained"
                                                        : "burst";
  json["concurrency_levels"] = report.is_sustained ? json["batch_sizes"] : Json(nullptr);
  json["num_prompts"] = ValueOrNull(report.num_prompts);
  json["duration_seconds"] = ValueOrNull(report.duration_s);
  json["prompt_source"] = TextOrNull(report.prompt_source);
}

// Of requests that generate text.
void AddGenerationKeys(Json& json, const SweepReport& report) {
  json["max_tokens"] = ValueOrNull(report.max_tokens);
  json["num_images"] = report.num_images;
  json["image_size"] = TextOrNull(report.image_size);
  json["num_completions"] = report.num_completions;
  json["stream"] = report.stream;
  json["ignore_eos"] = report.ignore_eos;
  json["steady_state_threshold"] = report.steady_state_threshold;
  json["bucket_size_seconds"] = ToSeconds(SteadyStateConfig().bucket);
}

// What the words of the file mean, for a reader who has nothing else.
Json EmbeddingDefinitions() {
  return {
      {"batch_embeddings_per_second", "vectors, or scores of a ranking, of successes / batch_total_seconds"},
      {"batch_tokens_per_second", "input tokens of successes / batch_total_seconds"},
      {"request_embeddings_per_second", "vectors or scores of one request / request_seconds"},
      {"request_tokens_per_second", "input tokens of one request / request_seconds"},
      {"request_seconds", "end - send"},
      {"batch_total_seconds", "first request due - last end, failures included"},
      {"fastest_seconds", "first request due - first success ended; slowest_seconds: - last success ended"},
      {"mean", "over requests of all runs; of what a run has one of, over runs"},
      {"std", "of a sample (n - 1); 0 for one value"},
      {"quantile", "linear"}};
}

Json CompletionDefinitions() {
  return {{"ttft", "first text - send, reasoning included; ttfo: without it"},
          {"e2e", "last text - send; of an answer that was not streamed its end - send"},
          {"decode_time", "e2e - ttft; e2e where there is no ttft"},
          {"tpot", "decode_time / (output tokens of one completion - 1)"},
          {"output_throughput", "(output tokens of one completion - 1) / decode_time"},
          {"combined_throughput", "the sum of the output_throughput of a run's requests"},
          {"tokens_per_second", "output tokens / batch_total_seconds"},
          {"batch_total_seconds", "first request due - last end, failures included"},
          {"window_tokens_per_second",
           "tokens / time from the first to the last bucket with the threshold's share of the peak of active "
           "requests"},
          {"mean", "over requests of all runs; of what a run has one of, over runs"},
          {"std", "of a sample (n - 1); 0 for one value"},
          {"quantile", "linear"}};
}

}  // namespace

const char* ToString(SweepKind kind) {
  switch (kind) {
    case SweepKind::kCompletion:
      return "completion";
    case SweepKind::kSimple:
      return "simple";
    case SweepKind::kShapes:
      return "shapes";
    case SweepKind::kEmbedding:
      return "embedding";
  }
  return "unknown";
}

Json SweepMetadataJson(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  Json json = SchemaKeys(report, entries);
  AddLoadKeys(json, report);
  if (report.kind != SweepKind::kEmbedding) AddGenerationKeys(json, report);
  json["format"] = kSweepFormat;
  json["version"] = 1;
  json["kind"] = ToString(report.kind);
  json["run_id"] = report.run_id;
  json["title"] = TextOrNull(report.title);
  json["endpoint"] = TextOrNull(report.endpoint);
  json["simulated"] = report.is_simulated;
  json["llmdyno_version"] = TextOrNull(report.provenance.version);
  json["compiler"] = TextOrNull(report.provenance.compiler);
  // Of rates sweep_values has whole numbers only.
  json["requested_levels"] = report.request_rate.empty() ? Json(report.sweep_values) : Json(nullptr);
  json["skipped_levels"] = report.skipped;
  json["skip_reason"] = TextOrNull(report.skip_reason);
  json["notes"] = report.notes;
  json["definitions"] =
      report.kind == SweepKind::kEmbedding ? EmbeddingDefinitions() : CompletionDefinitions();
  json["files"] = FilesJson(report.files);
  json["configuration"] = ConfigurationJson(report.configuration_json);
  return json;
}

}  // namespace llmdyno
