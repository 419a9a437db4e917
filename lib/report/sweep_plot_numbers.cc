// The half of sweep_plot.h that says the plotted numbers in words.
#include <algorithm>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/sweep_plot.h"
#include "report/serving_text.h"
#include "report/sweep_embedding.h"
#include "report/sweep_plot_data.h"
#include "report/sweep_plot_layout.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

struct LevelColumn {
  const char* title;
  MeanStd SweepPlotLevel::*value;
  int decimals;
  double scale = 1;
};

std::string LevelNumbers(const SweepPlotRun& run) {
  const std::vector<LevelColumn> columns = {
      {"TTFT ms", &SweepPlotLevel::ttft_s, 1, 1e3},
      {"TTFO ms", &SweepPlotLevel::ttfo_s, 1, 1e3},
      {"decode s", &SweepPlotLevel::decode_time_s, 3},
      {"decode tok/s", &SweepPlotLevel::decode_speed, 1},
      {"sum of decode tok/s", &SweepPlotLevel::combined, 1},
      {"tok/s over wall time", &SweepPlotLevel::tokens_per_second, 1},
      {"request tok/s", &SweepPlotLevel::request_speed, 1},
      {"steady tok/s", &SweepPlotLevel::steady, 1},
  };
  std::vector<LevelColumn> shown;
  for (const LevelColumn& column : columns) {
    const bool has = std::any_of(run.levels.begin(), run.levels.end(), [&](const SweepPlotLevel& level) {
      return (level.*column.value).mean.has_value();
    });
    if (has) shown.push_back(column);
  }
  std::vector<std::string> head = {run.is_sustained ? "Concurrency" : "Batch", "Success %"};
  for (const LevelColumn& column : shown) head.emplace_back(column.title);
  TextColumns table(std::move(head));
  for (const SweepPlotLevel& level : run.levels) {
    std::vector<std::string> row = {std::to_string(level.in_flight),
                                    FixedOrDash(level.success_rate_percent, 1)};
    for (const LevelColumn& column : shown) {
      row.push_back(PlusMinus(level.*column.value, column.decimals, column.scale));
    }
    table.Add(std::move(row));
  }
  std::string text = table.Text();
  if (!run.missing.empty()) {
    std::string missing;
    for (const int64_t level : run.missing) missing += (missing.empty() ? "" : ", ") + std::to_string(level);
    text += "  no result: " + missing + "\n";
  }
  return text;
}

std::string ShapeNumbers(const SweepPlotRun& run) {
  TextColumns table({"Batch", "input", "output", "prefill ms", "TPOT ms", "tok/s over wall time", "lengths"});
  for (const SweepPlotCell& cell : run.cells) {
    table.Add({std::to_string(cell.batch_size), cell.row, cell.column, PlusMinus(cell.prefill_s, 2, 1e3),
               PlusMinus(cell.tpot_s, 2, 1e3), PlusMinus(cell.tokens_per_second, 1),
               cell.has_wrong_lengths ? "not as asked for" : ""});
  }
  return table.Text();
}

std::string EmbeddingNumbers(const SweepPlotRun& run) {
  const std::string items = ItemsName(!run.cells.empty() && IsRankingLength(run.cells.front().row));
  const bool is_burst = !run.is_sustained && !run.is_open_loop;
  TextColumns table({run.is_open_loop   ? "Requests/s"
                     : run.is_sustained ? "Concurrency"
                                        : "Batch",
                     "length", items + "/s", "tokens/s", is_burst ? "batch ms" : "latency ms"});
  for (const SweepPlotCell& cell : run.cells) {
    table.Add({cell.load_text, cell.row, PlusMinus(cell.embeddings_per_second, 1),
               PlusMinus(cell.tokens_per_second, 1),
               PlusMinus(is_burst ? cell.batch_s : cell.request_s, 2, 1e3)});
  }
  return table.Text();
}

}  // namespace

absl::StatusOr<std::string> FormatPlottedNumbers(const std::vector<std::string>& files) {
  std::vector<SweepPlotRun> runs;
  for (const std::string& file : files) {
    LLMDYNO_ASSIGN_OR_RETURN(std::vector<SweepPlotRun> read, ReadSweepPlotRuns(file));
    runs.insert(runs.end(), read.begin(), read.end());
  }
  const std::vector<std::string> labels = RunLabels(runs);
  std::string text;
  for (size_t i = 0; i < runs.size(); ++i) {
    const SweepPlotRun& run = runs[i];
    text += (i == 0 ? "" : "\n") + labels[i] + ", " + OneLine(run.path) + ": mean ± std\n";
    if (run.is_simulated) text += "  " + SimulatedLine();
    if (run.kind == SweepPlotKind::kShapes) {
      text += ShapeNumbers(run);
    } else {
      text += run.kind == SweepPlotKind::kEmbedding ? EmbeddingNumbers(run) : LevelNumbers(run);
    }
    for (const std::string& note : run.notes) text += Wrap("  " + OneLine(note), kReportWidth, "  ");
  }
  return text;
}

}  // namespace llmdyno
