// Everything that a sweep's outputs say, as one value. Writers format it and add no numbers of their own.
// Sweeps and embedding benchmarks fill it in. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/metrics/repetitions.h"
#include "llmdyno/metrics/sweep_metrics.h"
#include "llmdyno/metrics/validity.h"
#include "llmdyno/report/measurement_error_note.h"
#include "llmdyno/report/report.h"

namespace llmdyno {

// Which result file is written, and so which table is shown.
enum class SweepKind {
  kCompletion,  // metadata and results by sweep value, prefill and decode apart
  kSimple,      // the schema of the simple completion benchmark: batch and request tokens per second
  kShapes,      // a grid of input length x output length x batch size
  kEmbedding,   // loads x lengths of texts: vectors or rankings per second
};

// A cell of a grid of shapes.
struct ShapeCell {
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t batch_size = 0;
  friend bool operator==(const ShapeCell&, const ShapeCell&) = default;
};

// One level as it went.
struct SweepLevelReport {
  std::string key;        // of the level in the result file: "8", or "in_128_out_32_batch_8"
  int64_t in_flight = 0;  // batch size, or concurrency
  std::optional<ShapeCell> cell;
  std::string
      sequence_length;      // of an embedding benchmark, as written: "short", "200", "E(128)", "R(128,16)"
  std::string stop_reason;  // of its last run: "target_requests", "interrupted", "refused", …
  std::optional<WallTime> started_at;
  SweepLevelMetrics metrics;
  ClientHealth health;  // the worst of its runs
  Validity validity;
  std::string last_failure;                              // one line; empty when nothing failed
  std::vector<MeasurementErrorNote> measurement_errors;  // of this machine, where a self-test tells
  std::vector<FigureSpread> spread;                      // over its runs; empty below two
};

// Of a level that an earlier run had measured and --resume took over.
struct KeptLevel {
  std::string key;
  std::string json;  // its object in `results`, as it was
};

// The whole sweep.
struct SweepReport {
  std::string title;  // "Sweep"
  SweepKind kind = SweepKind::kCompletion;
  std::string run_id;  // of the run that began the file: levels of another one are never mixed in
  std::string model;
  std::string api_base;
  std::string endpoint;  // the full URL that requests go to
  bool is_simulated = false;
  uint64_t seed = 0;
  std::string scenario;               // as written; empty for none
  std::string prompt_source;          // "scenario", "replay", "filler", "grid", "dataset"
  std::string dataset_config_json;    // the whole object; empty: null
  std::string dataset_key;            // of the simple mode
  bool is_sustained = false;          // requests kept in flight, instead of all at once
  std::vector<int64_t> sweep_values;  // batch sizes or concurrencies, in the order given
  std::optional<int64_t> num_prompts;
  std::optional<double> duration_s;
  std::vector<std::string> sequence_lengths;  // of an embedding benchmark, in the order given
  std::string request_rate;  // of an open loop, as written; sweep_values are then the rates, rounded
  int64_t texts_per_request = 1;
  int64_t num_runs = 3;
  int64_t warmup_runs = 3;
  std::optional<int64_t> max_tokens;
  std::optional<double> temperature;
  int64_t num_completions = 1;
  bool stream = true;
  bool ignore_eos = false;
  int64_t num_images = 0;
  std::string image_size;  // "512x512"; empty without images
  // How requests were spread over adapters.
  struct Lora {
    std::string strategy;
    std::vector<std::string> names;
    double base_model_ratio = 0;
    double zipf_alpha = 1;
  };
  std::optional<Lora> lora;
  double steady_state_threshold = 0.8;
  std::string description;
  std::string configuration_json = "{}";  // all flags; holds no secret
  Provenance provenance;

  // As it went.
  std::vector<KeptLevel> kept_levels;
  std::vector<SweepLevelReport> levels;
  std::vector<std::string> skipped;  // keys that were not run, and why:
  std::string skip_reason;           // "interrupted", "the endpoint refuses …"; empty when none was skipped
  std::vector<std::string> notes;
  std::vector<ReportFile> files;
};

// "in_128_out_32_batch_8": the key of a cell's level.
std::string ToString(const ShapeCell& cell);
// Undoes ToString; nothing for any other text.
std::optional<ShapeCell> ParseShapeCell(std::string_view key);

// The keys of the levels whose verdict is SUSPECT, in the order of the file; those that were kept from an
// earlier run among them.
std::vector<std::string> SuspectLevels(const SweepReport& report);

// True when prompts were more than 2 % and more than one token off their targets in the mean, or when an
// answer had another length than the exact one that was asked for.
bool HasLengthProblem(const SweepLevelMetrics& metrics);

}  // namespace llmdyno
