#include <span>

#include "report/markdown_parts.h"
#include "report/markdown_summaries.h"

namespace llmdyno {
namespace {

// A column of figures, and where an entry has it.
struct Column {
  const char* title;
  const char* pointer;
};

// Rates are means over runs, latencies are of requests. Seconds, as in the file.
constexpr Column kCompletion[] = {{"output tokens/s", "/batch_metrics/tokens_per_second/mean"},
                                  {"requests/s", "/batch_metrics/requests_per_second/mean"},
                                  {"items/s", "/batch_metrics/items_per_second/mean"},
                                  {"TTFT p50, s", "/prefill_metrics/ttft/p50"},
                                  {"TTFT p99, s", "/prefill_metrics/ttft/p99"},
                                  {"TPOT p50, s", "/decode_metrics/tpot/p50"},
                                  {"E2E p50, s", "/decode_metrics/e2e/p50"},
                                  {"E2E p99, s", "/decode_metrics/e2e/p99"},
                                  {"n", "/decode_metrics/e2e/n"}};
constexpr Column kSimple[] = {{"output tokens/s", "/throughput/batch_tokens_per_second/mean"},
                              {"requests/s", "/throughput/requests_per_second/mean"},
                              {"TTFT p50, s", "/latency/ttft/p50"},
                              {"TPOT p50, s", "/latency/tpot/p50"},
                              {"E2E p50, s", "/latency/e2e/p50"},
                              {"E2E p99, s", "/latency/e2e/p99"},
                              {"n", "/latency/e2e/n"}};
constexpr Column kShapes[] = {{"output tokens/s", "/tokens_per_second/mean"},
                              {"TTFT p50, s", "/prefill_time_s/p50"},
                              {"TTFT p99, s", "/prefill_time_s/p99"},
                              {"TPOT p50, s", "/tpot_s/p50"},
                              {"E2E p50, s", "/e2e_s/p50"},
                              {"E2E p99, s", "/e2e_s/p99"},
                              {"n", "/e2e_s/n"}};
constexpr Column kEmbedding[] = {{"items/s", "/throughput/batch_embeddings_per_second/mean"},
                                 {"input tokens/s", "/throughput/batch_tokens_per_second/mean"},
                                 {"requests/s", "/throughput/requests_per_second/mean"},
                                 {"request p50, s", "/latency/request_seconds/p50"},
                                 {"request p95, s", "/latency/request_seconds/p95"},
                                 {"request p99, s", "/latency/request_seconds/p99"},
                                 {"n", "/latency/request_seconds/n"}};

std::span<const Column> ColumnsOf(const Json& kind) {
  if (kind == "simple") return kSimple;
  if (kind == "shapes") return kShapes;
  if (kind == "embedding") return kEmbedding;
  return kCompletion;
}

}  // namespace

std::string MarkdownOfSweep(const Json& sweep) {
  const Json& metadata = MemberAt(sweep, "/metadata");
  const std::span<const Column> columns = ColumnsOf(MemberAt(metadata, "/kind"));
  std::vector<std::string> titles = {"level", "requests", "success, %"};
  for (const Column& column : columns) titles.emplace_back(column.title);
  titles.emplace_back("verdict");
  MarkdownTable table(titles);
  std::vector<MarkdownVerdict> verdicts;
  std::vector<std::pair<std::string, const Json*>> failures;
  for (const auto& [key, entry] : MemberAt(sweep, "/results").items()) {
    if (!entry.is_object()) continue;
    MarkdownVerdict verdict{MarkdownText(key), &MemberAt(entry, "/verdict")};
    verdict.is_cut = IsCutReason(MemberAt(entry, "/stop_reason"));
    std::vector<std::string> row = {verdict.level,
                                    MarkdownNumber(MemberAt(entry, "/reliability/total_requests")),
                                    MarkdownNumber(MemberAt(entry, "/reliability/success_rate"))};
    for (const Column& column : columns) row.push_back(MarkdownNumber(MemberAt(entry, column.pointer)));
    row.push_back(VerdictWord(verdict));
    table.AddRow(row);
    failures.emplace_back(verdict.level, &MemberAt(entry, "/failures"));
    verdicts.push_back(std::move(verdict));
  }
  std::string text = MarkdownHead(MemberAt(metadata, "/title"), "Sweep",
                                  MemberAt(metadata, "/simulated") == Json(true), verdicts);
  text += MarkdownFacts({{"endpoint", &MemberAt(metadata, "/endpoint")},
                         {"model", &MemberAt(metadata, "/model")},
                         {"scenario", &MemberAt(metadata, "/scenario")},
                         {"levels", &MemberAt(metadata, "/execution_mode")},
                         {"runs each", &MemberAt(metadata, "/num_runs")},
                         {"started", &MemberAt(metadata, "/timestamp")},
                         {"llmdyno", &MemberAt(metadata, "/llmdyno_version")}});
  const Json& description = MemberAt(metadata, "/description");
  if (description.is_string() && !description.get_ref<const std::string&>().empty()) {
    text += MarkdownCell(description) + "\n\n";
  }
  return text + table.Text() + MarkdownDoubts(verdicts) + MarkdownFailures(failures) +
         MarkdownTexts("Notes", MemberAt(metadata, "/notes"));
}

}  // namespace llmdyno
