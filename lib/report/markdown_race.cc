#include <algorithm>
#include <array>

#include "report/markdown_parts.h"
#include "report/markdown_summaries.h"

namespace llmdyno {
namespace {

struct Figure {
  const char* key;
  const char* name;
  const char* unit;
};

constexpr std::array kTotals = {Figure{"output_tokens_per_s", "output tokens", "tokens/s"},
                                Figure{"total_tokens_per_s", "total tokens", "tokens/s"},
                                Figure{"requests_per_s", "successful requests", "requests/s"},
                                Figure{"requests", "requests", "requests"},
                                Figure{"failed", "failed", "requests"},
                                Figure{"success_rate_percent", "success", "%"},
                                Figure{"output_tokens", "output tokens", "tokens"},
                                Figure{"input_tokens", "input tokens", "tokens"},
                                Figure{"elapsed_s", "time", "s"}};

constexpr std::array kLatencies = {Figure{"ttft_ms", "time to first token (TTFT)", ""},
                                   Figure{"tpot_ms", "time per output token (TPOT)", ""},
                                   Figure{"itl_ms", "inter-token latency (ITL)", ""},
                                   Figure{"e2e_ms", "end to end (E2E)", ""},
                                   Figure{"e2e_from_schedule_ms", "end to end, from the schedule", ""}};

std::string TotalsOf(const Json& summary) {
  MarkdownTable table({"figure", "value", "unit", "95 % interval"});
  for (const Figure& figure : kTotals) {
    const Json& value = MemberAt(summary, std::string("/metrics/") + figure.key);
    const Json& interval = MemberAt(summary, std::string("/rate_ci95/") + figure.key);
    table.AddRow({figure.name, MarkdownNumber(value), figure.unit, MarkdownInterval(interval)});
  }
  return table.Text();
}

std::string LatenciesOf(const Json& summary) {
  constexpr std::array kStatistics = {"mean", "p50", "p90", "p95", "p99"};
  MarkdownTable table({"latency", "unit", "mean", "p50", "p90", "p95", "p99", "n"});
  bool any_thin = false;
  for (const Figure& figure : kLatencies) {
    const Json& values = MemberAt(summary, std::string("/distributions/") + figure.key);
    if (!values.is_object()) continue;
    std::vector<std::string> row = {figure.name, MarkdownCell(MemberAt(values, "/unit"))};
    const Json& thin = MemberAt(values, "/thin");
    for (const char* statistic : kStatistics) {
      std::string cell = MarkdownNumber(MemberAt(values, std::string("/") + statistic));
      const bool is_thin = thin.is_array() && std::find(thin.begin(), thin.end(), statistic) != thin.end();
      if (is_thin) cell += " \\*";
      any_thin = any_thin || is_thin;
      row.push_back(std::move(cell));
    }
    row.push_back(MarkdownNumber(MemberAt(values, "/n")));
    table.AddRow(row);
  }
  std::string text = table.Text();
  if (any_thin) text += "\n\\* rests on too few samples to mean much\n";
  return text;
}

std::string Repetition(const Json& summary) {
  const Json& shown = MemberAt(summary, "/repetition");
  const Json& all = MemberAt(summary, "/repetitions");
  if (!shown.is_number_integer() || !all.is_array()) return "";
  return "The figures are those of repetition " + MarkdownNumber(Json(shown.get<int64_t>() + 1)) + " of " +
         std::to_string(all.size()) + ", the median.\n\n";
}

}  // namespace

std::string MarkdownOfRace(const Json& summary) {
  MarkdownVerdict verdict{"", &MemberAt(summary, "/verdict")};
  verdict.is_cut =
      MemberAt(summary, "/complete") == Json(false) || IsCutReason(MemberAt(summary, "/stop_reason"));
  std::string text = MarkdownHead(MemberAt(summary, "/title"), "Race",
                                  MemberAt(summary, "/simulated") == Json(true), {verdict});
  text += MarkdownFacts({{"endpoint", &MemberAt(summary, "/endpoint")},
                         {"model", &MemberAt(summary, "/model")},
                         {"engine", &MemberAt(summary, "/engine")},
                         {"users", &MemberAt(summary, "/users")},
                         {"started", &MemberAt(summary, "/started_at")},
                         {"llmdyno", &MemberAt(summary, "/llmdyno_version")}});
  text += Repetition(summary) + TotalsOf(summary);
  const std::string latencies = LatenciesOf(summary);
  if (!latencies.empty()) text += "\n" + latencies;
  const Json& price = MemberAt(summary, "/cost/per_million_output_tokens_usd");
  if (price.is_number()) text += "\nA million output tokens cost " + MarkdownNumber(price) + " USD.\n";
  return text + MarkdownDoubts({verdict}) + MarkdownFailures({{"", &MemberAt(summary, "/failures")}}) +
         MarkdownTexts("Notes", MemberAt(summary, "/notes"));
}

}  // namespace llmdyno
