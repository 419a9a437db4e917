#include "llmdyno/report/tool_definitions_report.h"

#include <optional>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "report/record_log_checks.h"
#include "report/text_format.h"

namespace llmdyno {
namespace {

constexpr size_t kToolWidth = 22;
constexpr size_t kFigureWidth = 21;
constexpr size_t kCountWidth = 10;
constexpr size_t kNumberWidth = 12;

std::string Ms(std::optional<Duration> duration, bool is_thin) {
  if (!duration) return "-";
  return (is_thin ? "~" : "") + Fixed(ToMilliseconds(*duration), 3);
}

std::string Line(std::string_view tool, std::string_view figure, const std::string& n,
                 const std::string& mean, const std::string& p50, const std::string& p99,
                 std::string_view formula) {
  return "  " + PadRight(tool, kToolWidth) + PadRight(figure, kFigureWidth) + PadLeft(n, kCountWidth) +
         PadLeft(mean, kNumberWidth) + PadLeft(p50, kNumberWidth) + PadLeft(p99, kNumberWidth) + "   " +
         std::string(formula) + "\n";
}

std::string Line(const ToolSummary& summary, bool is_first_of_tool) {
  const ToolMetric& metric = *summary.metric;
  return Line(is_first_of_tool ? ToString(metric.tool) : "", metric.name, WithThousands(summary.n),
              Ms(summary.mean, false), Ms(summary.p50, IsThinFor(summary.n, 0.5)),
              Ms(summary.p99, IsThinFor(summary.n, 0.99)), metric.formula);
}

bool HasThin(const ToolSummaries& level) {
  for (const ToolSummary& summary : level.figures) {
    if (summary.n > 0 && IsThinFor(summary.n, 0.99)) return true;
  }
  return false;
}

std::string Figures(const ToolSummaries& level) {
  std::string text = Line("Tool", "Figure", "n", "mean ms", "p50 ms", "p99 ms", "Definition");
  std::optional<Tool> previous;
  for (const ToolSummary& summary : level.figures) {
    text += Line(summary, previous != summary.metric->tool);
    previous = summary.metric->tool;
  }
  if (HasThin(level)) text += "  ~ too few samples for this percentile to mean much\n";
  return text;
}

// "12 of 80 requests: …", nothing for none.
std::string Doubt(int64_t affected, int64_t requests, std::string_view what) {
  if (affected == 0) return "";
  return Labeled("",
                 WithThousands(affected) + " of " + Count(requests, "request") + ": " + std::string(what));
}

std::string Doubts(const ToolSummaries& level) {
  const int64_t n = level.requests;
  std::string text =
      Doubt(level.without_latest_instants, n,
            "the log is older than some of the instants it takes; figures that need them are absent") +
      Doubt(level.without_usage, n,
            "no usage, so token counts are not the endpoint's own, and neither is what is divided by them") +
      Doubt(level.with_unannounced_tokens, n,
            "the stream did not tell how many tokens its events carry; llmdyno's ITL takes one each") +
      Doubt(level.with_estimated_answer, n,
            "nobody told how many of the tokens are answer text, so the TPOT and ITL of inference-perf, "
            "inference-benchmarker and llmperf rest on a split by events") +
      Doubt(level.with_unplaced_events, n,
            "events without text in mid-stream have no instant in the record; vLLM counts one gap more for "
            "each of them") +
      Doubt(
          level.with_shared_reads, n,
          "some events came in one read and have 0 ms between them; a tool that reads later may see another "
          "grouping");
  return text.empty() ? "" : "  What the record cannot tell\n" + text;
}

std::string Requests(const ToolSummaries& level) {
  std::string text = Count(level.requests, "request") + ", measured, answered and streamed";
  if (level.warm_up > 0) text += "; left out: " + WithThousands(level.warm_up) + " of the warm-up";
  if (level.failed > 0) text += "; " + WithThousands(level.failed) + " failed";
  if (level.not_streamed > 0) text += "; " + WithThousands(level.not_streamed) + " not streamed";
  return Labeled("Requests", text);
}

// Sorts records into levels and keeps an eye on what they hold.
class LevelReplay {
 public:
  void Visit(const RequestRecord& record) {
    if (!reference_) reference_ = record.started_at;
    if (IsPlausible(record, *reference_)) {
      builders_[record.level].OnRecord(record);
    } else if (!implausible_) {
      implausible_ = record.request_id;
    }
  }
  std::optional<int64_t> implausible() const { return implausible_; }

  // Levels in which anything was streamed.
  std::map<int64_t, ToolSummaries> Levels() const {
    std::map<int64_t, ToolSummaries> levels;
    for (const auto& [level, builder] : builders_) {
      ToolSummaries summaries = builder.Build();
      if (summaries.requests > 0) levels.emplace(level, std::move(summaries));
    }
    return levels;
  }

 private:
  std::map<int64_t, ToolSummaryBuilder> builders_;
  std::optional<TimePoint> reference_;
  std::optional<int64_t> implausible_;  // the first request that cannot be
};

}  // namespace

absl::StatusOr<ToolDefinitionsReport> ReadToolDefinitions(const std::string& path) {
  LevelReplay replay;
  LLMDYNO_ASSIGN_OR_RETURN(const RecordLogContents contents,
                           ReadRecordLog(path, [&](const RequestRecord& record) { replay.Visit(record); }));
  if (replay.implausible()) {
    return absl::DataLossError("record log '" + path + "': request " + std::to_string(*replay.implausible()) +
                               " has an instant or a count that cannot be; the file is damaged");
  }
  ToolDefinitionsReport report;
  report.path = path;
  report.is_simulated = SaysSimulated(contents.header.configuration_json);
  report.is_cut = !contents.finish_line || contents.last_line_cut;
  report.levels = replay.Levels();
  if (report.levels.empty()) {
    return absl::InvalidArgumentError("'" + path + "' has " + Count(contents.records, "record") +
                                      ", none of a measured request that was answered in a stream: only "
                                      "streams have these figures");
  }
  return report;
}

std::string FormatToolDefinitions(const ToolDefinitionsReport& report) {
  std::string text = "What each tool would have printed for the streams in " + OneLine(report.path) + "\n";
  if (report.is_simulated) {
    text +=
        "SIMULATED: the endpoint was llmdyno's own engine model; these numbers describe no real engine.\n";
  }
  if (report.is_cut) text += "The run was cut: requests in flight then are missing.\n";
  for (const auto& [level, summaries] : report.levels) {
    text += "\n";
    if (report.levels.size() > 1 || level != 0) text += "Level " + std::to_string(level) + "\n";
    text += Requests(summaries) + Figures(summaries) + Doubts(summaries);
  }
  return text +
         "\nn in a definition: the tool's own count of output tokens. All count from the instant at which "
         "llmdyno\n"
         "sent; what a tool adds of its own (a queue, a new connection, a tokenizer) is in no stream.\n";
}

}  // namespace llmdyno
