// The half of sweep_table.h that puts the levels beside one another.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/report/sweep_table.h"
#include "report/serving_text.h"
#include "report/sweep_embedding_table.h"
#include "report/sweep_entry.h"
#include "report/sweep_matrix.h"
#include "report/sweep_notes.h"
#include "report/sweep_text.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kRule = 80;
constexpr double kToMs = 1e3;

struct Column {
  std::string title;
  std::vector<const char*> path;
  int decimals = 1;
  double scale = 1;
};

MeanStd ValueOf(const Json& entry, const Column& column) {
  const Json* at = &entry;
  for (const char* key : column.path) {
    at = FindAt(*at, {key});
    if (at == nullptr) return {};
  }
  return MeanStdAt(*at, {});
}

std::string Success(const Json& entry) {
  const auto rate = NumberAt(entry, {"reliability", "success_rate"});
  return rate ? Fixed(*rate, 1) : "-";
}

// Columns in which no level has a value are left out.
std::string Table(const SweepReport& report, const std::vector<SweepEntry>& entries,
                  const std::vector<Column>& columns, bool with_success) {
  std::vector<Column> shown;
  for (const Column& column : columns) {
    for (const SweepEntry& entry : entries) {
      if (!ValueOf(entry.json, column).mean) continue;
      shown.push_back(column);
      break;
    }
  }
  std::vector<std::string> head = {report.is_sustained ? "Concurrency" : "Batch"};
  if (with_success) head.emplace_back("Success %");
  for (const Column& column : shown) head.push_back(column.title);
  TextColumns table(std::move(head));
  for (const SweepEntry& entry : entries) {
    std::vector<std::string> row = {entry.key};
    if (with_success) row.push_back(Success(entry.json));
    for (const Column& column : shown) {
      row.push_back(PlusMinus(ValueOf(entry.json, column), column.decimals, column.scale));
    }
    table.Add(std::move(row));
  }
  return table.Text();
}

std::string CompletionSummary(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  const std::string times = Table(report, entries,
                                  {{"TTFT ms", {"prefill_metrics", "ttft"}, 1, kToMs},
                                   {"TPOT ms", {"decode_metrics", "tpot"}, 2, kToMs},
                                   {"decode s", {"decode_metrics", "decode_time"}, 3},
                                   {"batch s", {"timings", "batch_total_seconds"}, 3},
                                   {"input tokens", {"tokens", "input_per_request"}, 1},
                                   {"output tokens", {"tokens", "output_per_request"}, 1}},
                                  true);
  const std::string rates = Table(report, entries,
                                  {{"decode per request", {"decode_metrics", "output_throughput"}, 1},
                                   {"over wall time", {"batch_metrics", "tokens_per_second"}, 1},
                                   {"steady state", {"steady_state", "window_tokens_per_second"}, 1},
                                   {"combined*", {"batch_metrics", "combined_throughput"}, 1},
                                   {"items/s", {"batch_metrics", "items_per_second"}, 1}},
                                  false);
  const bool has_combined = rates.find("combined*") != std::string::npos;
  return times + "\nOutput tokens per second\n" + rates +
         (has_combined
              ? "  * combined (sum of decode speeds): each request's speed between its first and its last\n"
                "    token, added up as if all had decoded at the same time\n"
              : "");
}

std::string SimpleSummary(const SweepReport& report, const std::vector<SweepEntry>& entries) {
  return Table(report, entries,
               {{"input/request", {"tokens", "input_per_request"}, 1},
                {"output/request", {"tokens", "output_per_request"}, 1},
                {"batch tok/s", {"throughput", "batch_tokens_per_second"}, 2},
                {"request tok/s", {"throughput", "request_tokens_per_second"}, 2}},
               true) +
         "\nSeconds of a batch\n" +
         Table(report, entries,
               {{"total", {"timings", "batch_total_seconds"}, 3},
                {"fastest", {"timings", "fastest_seconds"}, 3},
                {"slowest", {"timings", "slowest_seconds"}, 3},
                {"spread", {"timings", "spread_seconds"}, 3}},
               false);
}

bool IsFlagged(const Json* entry) { return entry != nullptr && !FlagAt(*entry, {"output_length_ok"}, true); }

bool HasFlag(const ShapeMatrix& matrix) {
  for (const auto& row : matrix.entries) {
    if (std::any_of(row.begin(), row.end(), IsFlagged)) return true;
  }
  return false;
}

// A cell in which lengths were not as asked for is marked; the others leave room for the mark.
std::string MatrixText(const ShapeMatrix& matrix, const Column& metric) {
  const char* no_mark = HasFlag(matrix) ? "  " : "";
  std::vector<std::string> head = {"in \\ out"};
  for (const int64_t output : matrix.output_lengths) head.push_back(WithThousands(output) + no_mark);
  TextColumns table(std::move(head));
  for (size_t i = 0; i < matrix.entries.size(); ++i) {
    std::vector<std::string> row = {WithThousands(matrix.input_lengths[i])};
    for (const Json* entry : matrix.entries[i]) {
      const MeanStd value = entry != nullptr ? ValueOf(*entry, metric) : MeanStd();
      const std::string cell = value.mean ? Fixed(*value.mean * metric.scale, metric.decimals) : "-";
      row.push_back(cell + (IsFlagged(entry) ? " !" : no_mark));
    }
    table.Add(std::move(row));
  }
  return "  " + metric.title + "\n" + table.Text("    ");
}

std::string ShapesSummary(const std::vector<SweepEntry>& entries) {
  std::string text;
  bool any_flag = false;
  for (const ShapeMatrix& matrix : ShapeMatrices(entries)) {
    any_flag = any_flag || HasFlag(matrix);
    text += (text.empty() ? "" : "\n") + std::string("Batch size ") + WithThousands(matrix.batch_size) +
            ": means, input length down, output length across\n" +
            MatrixText(matrix, {"Prefill: time to first token (ms)", {"prefill_time_s"}, 2, kToMs}) +
            MatrixText(matrix, {"Time per output token (ms)", {"tpot_s"}, 2, kToMs}) +
            MatrixText(matrix, {"End to end (ms)", {"e2e_s"}, 1, kToMs}) +
            MatrixText(matrix, {"Output tokens/s over wall time", {"tokens_per_second"}, 1});
  }
  if (any_flag) text += "  ! answers had another length than was asked for\n";
  return text;
}

std::string Title(const SweepReport& report) {
  std::string text = report.title.empty() ? "Sweep" : report.title;
  if (!report.model.empty()) text += ": " + OneLine(report.model);
  if (!report.scenario.empty()) text += ", " + OneLine(report.scenario);
  return text + ", mean ± std of " + Count(report.num_runs, "run") + " each\n";
}

}  // namespace

std::string FormatSweepSummary(const SweepReport& report) {
  const std::vector<SweepEntry> entries = SweepEntries(report);
  const std::string rule = std::string(kRule, '=') + "\n";
  std::string text = (report.is_simulated ? SimulatedLine() : "") + rule + Title(report) + rule;
  if (!report.description.empty()) text += OneLine(report.description) + "\n";
  if (entries.empty()) {
    text += "No level was run to its end.\n";
  } else if (report.kind == SweepKind::kShapes) {
    text += ShapesSummary(entries);
  } else if (report.kind == SweepKind::kEmbedding) {
    text += EmbeddingSummaryText(report, entries);
  } else {
    text += report.kind == SweepKind::kSimple ? SimpleSummary(report, entries)
                                              : CompletionSummary(report, entries);
  }
  return text + FormatSweepNotes(report, entries);
}

}  // namespace llmdyno
