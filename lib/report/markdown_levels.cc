#include <algorithm>
#include <array>

#include "report/markdown_parts.h"
#include "report/markdown_summaries.h"

namespace llmdyno {
namespace {

// "5 requests/s", "80 users".
std::string LevelName(const Json& level) {
  const Json& users = MemberAt(level, "/users");
  if (users.is_number()) return MarkdownNumber(users) + " users";
  const Json& target = MemberAt(level, "/qps_target");
  // Fourteen digits of a rate that a search came to help nobody.
  return target.is_number() || target.is_string() ? MarkdownCell(target) + " requests/s" : "?";
}

// A percentile, with a mark when it rests on too few samples.
std::string Percentile(const Json& level, const std::string& metric, const char* percentile) {
  const Json& values = MemberAt(level, "/distributions/" + metric);
  const Json& thin = MemberAt(values, "/thin");
  const std::string cell = MarkdownNumber(MemberAt(values, std::string("/") + percentile));
  const bool is_thin = thin.is_array() && std::find(thin.begin(), thin.end(), percentile) != thin.end();
  return is_thin ? cell + " \\*" : cell;
}

std::vector<std::string> LevelRow(const Json& level, const MarkdownVerdict& verdict) {
  return {verdict.level,
          MarkdownNumber(MemberAt(level, "/total_requests")),
          MarkdownNumber(MemberAt(level, "/success_rate")),
          MarkdownNumber(MemberAt(level, "/successful_qps")),
          MarkdownNumber(MemberAt(level, "/output_tokens_per_s")),
          Percentile(level, "ttft_ms", "p50"),
          Percentile(level, "ttft_ms", "p99"),
          Percentile(level, "tpot_ms", "p50"),
          Percentile(level, "e2e_ms", "p50"),
          Percentile(level, "e2e_ms", "p99"),
          MarkdownNumber(MemberAt(level, "/distributions/e2e_ms/n")),
          MarkdownCell(MemberAt(level, "/cost_analysis/cost_per_million_tokens")),
          VerdictWord(verdict)};
}

// Why the search or the recommendation says what it says.
std::string Capacity(const Json& metadata) {
  std::vector<std::string> lines;
  const Json& sentence = MemberAt(metadata, "/capacity/sentence");
  if (sentence.is_string()) lines.push_back(MarkdownCell(sentence));
  const Json& reasons = MemberAt(metadata, "/recommendation/reasons");
  if (reasons.is_array()) {
    for (const Json& reason : reasons) {
      if (reason.is_string()) lines.push_back(MarkdownCell(reason));
    }
  }
  return MarkdownList("Capacity", lines);
}

std::string SloMisses(const Json& levels) {
  std::vector<std::string> lines;
  for (const Json& level : levels) {
    const Json& misses = MemberAt(level, "/slo/misses");
    if (!misses.is_array()) continue;
    for (const Json& miss : misses) {
      lines.push_back(LevelName(level) + ": " + MarkdownCell(MemberAt(miss, "/sentence")));
    }
  }
  return MarkdownList("SLO missed", lines);
}

// One row of vLLM's file; only requests that completed have a latency, and of gaps nobody says how many.
void AddLatency(const Json& result, const char* name, const std::string& key, bool is_per_request,
                MarkdownTable& table) {
  const auto value = [&](const char* statistic) {
    return MarkdownNumber(MemberAt(result, "/" + (statistic + ("_" + key) + "_ms")));
  };
  table.AddRow({name, "ms", value("mean"), value("median"), value("p90"), value("p95"), value("p99"),
                is_per_request ? MarkdownNumber(MemberAt(result, "/completed")) : "–"});
}

}  // namespace

std::string MarkdownOfQps(const Json& metadata, const Json& levels) {
  MarkdownTable table({"load", "requests", "success, %", "ok/s", "output tokens/s", "TTFT p50, ms",
                       "TTFT p99, ms", "TPOT p50, ms", "E2E p50, ms", "E2E p99, ms", "n",
                       "USD per million tokens", "verdict"});
  std::vector<MarkdownVerdict> verdicts;
  std::vector<std::pair<std::string, const Json*>> failures;
  bool is_simulated = MemberAt(metadata, "/simulated") == Json(true);
  for (const Json& level : levels) {
    MarkdownVerdict verdict{LevelName(level), &MemberAt(level, "/verdict")};
    verdict.is_cut = IsCutReason(MemberAt(level, "/stop_reason"));
    is_simulated = is_simulated || MemberAt(level, "/simulated") == Json(true);
    table.AddRow(LevelRow(level, verdict));
    failures.emplace_back(verdict.level, &MemberAt(level, "/failures"));
    verdicts.push_back(std::move(verdict));
  }
  std::string text = MarkdownHead(MemberAt(metadata, "/title"), "QPS benchmark", is_simulated, verdicts);
  text += MarkdownFacts({{"endpoint", &MemberAt(metadata, "/endpoint")},
                         {"model", &MemberAt(metadata, "/model")},
                         {"requests from", &MemberAt(metadata, "/dataset")},
                         {"SLO", &MemberAt(metadata, "/slo")},
                         {"started", &MemberAt(metadata, "/timestamp")},
                         {"llmdyno", &MemberAt(metadata, "/llmdyno_version")}});
  const std::string rows = table.Text();
  text += rows;
  if (rows.find("\\*") != std::string::npos) text += "\n\\* rests on too few samples to mean much\n";
  return text + Capacity(metadata) + SloMisses(levels) + MarkdownDoubts(verdicts) +
         MarkdownFailures(failures) + MarkdownTexts("Notes", MemberAt(metadata, "/notes"));
}

std::string MarkdownOfServing(const Json& result) {
  MarkdownVerdict verdict{"", &MemberAt(result, "/llmdyno/verdict")};
  verdict.is_cut = IsCutReason(MemberAt(result, "/llmdyno/stop_reason"));
  std::string text = MarkdownHead(Json(), "Serving benchmark",
                                  MemberAt(result, "/llmdyno/simulated") == Json(true), {verdict});
  text += MarkdownFacts({{"endpoint", &MemberAt(result, "/llmdyno/endpoint")},
                         {"model", &MemberAt(result, "/model_id")},
                         {"requests/s asked for", &MemberAt(result, "/request_rate")},
                         {"at most in flight", &MemberAt(result, "/max_concurrency")},
                         {"date", &MemberAt(result, "/date")}});
  MarkdownTable totals({"figure", "value", "unit"});
  for (const auto& [key, name, unit] :
       {std::array{"completed", "completed", "requests"}, std::array{"failed", "failed", "requests"},
        std::array{"duration", "time", "s"}, std::array{"request_throughput", "requests", "requests/s"},
        std::array{"output_throughput", "output tokens", "tokens/s"},
        std::array{"total_token_throughput", "total tokens", "tokens/s"},
        std::array{"request_goodput", "good requests", "requests/s"}}) {
    totals.AddRow({name, MarkdownNumber(MemberAt(result, std::string("/") + key)), unit});
  }
  MarkdownTable latencies({"latency", "unit", "mean", "p50", "p90", "p95", "p99", "n"});
  AddLatency(result, "time to first token (TTFT)", "ttft", true, latencies);
  AddLatency(result, "time per output token (TPOT)", "tpot", false, latencies);
  AddLatency(result, "gap between events (ITL)", "itl", false, latencies);
  AddLatency(result, "end to end (E2EL)", "e2el", true, latencies);
  return text + totals.Text() + "\n" + latencies.Text() + MarkdownDoubts({verdict}) +
         MarkdownFailures({{"", &MemberAt(result, "/llmdyno/failures")}}) +
         MarkdownTexts("Notes", MemberAt(result, "/llmdyno/notes"));
}

}  // namespace llmdyno
