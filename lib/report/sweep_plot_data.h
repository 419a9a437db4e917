// What plots of sweeps are drawn from: results in one form, whichever program wrote them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "report/sweep_reading.h"

namespace llmdyno {

// Tokens in buckets of time.
struct PlotTimeSeries {
  double bucket_s = 0;
  std::vector<double> tokens;
  std::optional<double> median_tokens_per_second;  // of the steady-state window
};

// One batch size or concurrency. Values that a file does not have are empty.
struct SweepPlotLevel {
  int64_t in_flight = 0;
  MeanStd ttft_s;
  MeanStd ttfo_s;
  MeanStd decode_time_s;
  MeanStd decode_speed;       // tokens/s of one request between its first and its last token
  MeanStd combined;           // their sum
  MeanStd tokens_per_second;  // output tokens over wall time
  MeanStd request_speed;      // tokens/s of one request from its send
  MeanStd steady;             // tokens/s in the steady-state window; of older files the median
  MeanStd steady_median;      // tokens/s of its median bucket
  std::optional<double> success_rate_percent;
  std::optional<PlotTimeSeries> time_series;
};

// A cell of a grid: input and output lengths by batch size, or lengths of texts to embed by load.
struct SweepPlotCell {
  int64_t batch_size = 0;  // of shapes
  double load = 0;         // of texts to embed: batch size, concurrency or rate
  std::string load_text;   // as the file spells it
  std::string row;         // "128" input tokens; "short"
  std::string column;      // "32" output tokens; empty in an embedding grid
  MeanStd prefill_s;
  MeanStd tpot_s;
  MeanStd tokens_per_second;
  MeanStd embeddings_per_second;
  MeanStd batch_s;
  MeanStd request_s;
  bool has_wrong_lengths = false;
  std::optional<double> success_rate_percent;
};

enum class SweepPlotKind { kCompletion, kSimple, kShapes, kEmbedding };

struct SweepPlotRun {
  std::string path;
  SweepPlotKind kind = SweepPlotKind::kCompletion;
  std::string description;
  std::string model;
  std::string scenario;
  std::string api_base;
  std::string lora;    // "uniform, 4 adapters"; empty for none
  std::string run_id;  // of ours
  int64_t num_runs = 0;
  bool is_simulated = false;
  bool is_sustained = false;
  bool is_open_loop = false;  // loads are requests per second
  bool is_streamed = false;
  std::vector<SweepPlotLevel> levels;  // ascending
  std::vector<int64_t> missing;        // asked for, but without an entry
  std::vector<SweepPlotCell> cells;    // of a grid instead of levels
  std::vector<std::string> notes;      // sentences about the file
};

// Reads the results behind a path, a file or a folder: at least one, or an error that names the path.
absl::StatusOr<std::vector<SweepPlotRun>> ReadSweepPlotRuns(const std::string& path);

}  // namespace llmdyno
