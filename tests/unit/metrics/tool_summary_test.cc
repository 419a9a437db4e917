#include "llmdyno/metrics/tool_summary.h"

#include <set>
#include <string>

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// As the run loop would have recorded it: with all instants.
RequestRecord Streamed(RequestRecord record) {
  record.last_content_at = record.last_event_at = record.last_text_at;
  record.usage_at = record.done_at = record.ended_at;
  return record;
}

ToolSummary SummaryOf(const ToolSummaries& summaries, Tool tool, ToolColumn column, std::string_view name) {
  const ToolMetric* metric = FindToolMetric(tool, column, name);
  REQUIRE(metric != nullptr);
  for (const ToolSummary& summary : summaries.figures) {
    if (summary.metric == metric) return summary;
  }
  FAIL("no such figure");
  return {};
}

ToolSummaries Summarize(const std::vector<RequestRecord>& records) {
  ToolSummaryBuilder builder;
  for (const RequestRecord& record : records) builder.OnRecord(record);
  return builder.Build();
}

}  // namespace

TEST_CASE("The figures of tools are in order, named once each, and explained", "[metrics][definitions]") {
  std::set<std::string> names;
  Tool tool = Tool::kLlmdyno;
  ToolColumn column = ToolColumn::kTtft;
  for (const ToolMetric& metric : ToolMetricTable()) {
    CAPTURE(std::string(ToString(metric.tool)), std::string(metric.name));
    CHECK(names.insert(std::string(ToString(metric.tool)) + "/" + std::string(metric.name)).second);
    CHECK(metric.tool >= tool);
    if (metric.tool == tool) CHECK(metric.column >= column);
    tool = metric.tool;
    column = metric.column;
    CHECK_FALSE(metric.formula.empty());
    CHECK(metric.append != nullptr);
    CHECK(FindToolMetric(metric.tool, metric.column, metric.name) == &metric);
  }
  CHECK(FindToolMetric(Tool::kGenaiBench, ToolColumn::kItl, "ITL") == nullptr);
}

TEST_CASE("guidellm weighs a request by its tokens and steps to a percentile; others do neither",
          "[metrics][definitions]") {
  // 3 tokens 10 ms apart, and 101 tokens 20 ms apart.
  const ToolSummaries summaries =
      Summarize({Streamed(MakeSteady(0s, 3, 10ms)), Streamed(MakeSteady(0s, 101, 20ms))});
  const ToolSummary theirs = SummaryOf(summaries, Tool::kGuidellm, ToolColumn::kItl, "ITL");
  CHECK(theirs.n == 2);
  CHECK(theirs.mean == Duration(19'803'922));  // (2 * 10 + 100 * 20) / 102 ms
  CHECK(theirs.p50 == 20ms);
  const ToolSummary per_request = SummaryOf(summaries, Tool::kAiperf, ToolColumn::kItl, "ITL");
  CHECK(per_request.n == 2);
  CHECK(per_request.mean == 15ms);
  CHECK(per_request.p50 == 15ms);  // between the two
  CHECK(per_request.p99 == 19'900us);
}

TEST_CASE("Tools that pool their gaps have one value per gap, tools that average them one per request",
          "[metrics][definitions]") {
  const ToolSummaries summaries =
      Summarize({Streamed(MakeSteady(0s, 3, 10ms)), Streamed(MakeSteady(0s, 101, 20ms))});
  const ToolSummary pooled = SummaryOf(summaries, Tool::kVllm, ToolColumn::kItl, "ITL");
  CHECK(pooled.n == 102);
  CHECK(pooled.mean == Duration(19'803'922));  // (2 * 10 + 100 * 20) / 102 ms
  CHECK(SummaryOf(summaries, Tool::kInferenceBenchmarker, ToolColumn::kItl, "ITL").n == 2);
  CHECK(SummaryOf(summaries, Tool::kInferencePerf, ToolColumn::kItl, "ITL").n == 102);
}

TEST_CASE("Only measured requests that were answered in a stream are in any tool's figures",
          "[metrics][definitions]") {
  RequestRecord whole = MakeSteady(0s, 3, 10ms);
  whole.streamed = false;
  RequestRecord warm_up = MakeSteady(0s, 3, 10ms);
  warm_up.phase = RunPhase::kWarmUp;
  RequestRecord failed = MakeSteady(0s, 3, 10ms);
  failed.outcome = Failed(OutcomeClass::kIdleTimeout);
  const ToolSummaries summaries = Summarize({whole, warm_up, failed, Streamed(MakeSteady(0s, 3, 10ms))});
  CHECK(summaries.requests == 1);
  CHECK(summaries.not_streamed == 1);
  CHECK(summaries.warm_up == 1);
  CHECK(summaries.failed == 1);
  for (const ToolSummary& summary : summaries.figures) {
    if (!summary.metric->is_per_gap) CHECK(summary.n <= 1);
  }
}

TEST_CASE("A record from an older log has what it tells and nothing made up", "[metrics][definitions]") {
  const ToolSummaries summaries = Summarize({MakeSteady(0s, 3, 10ms)});
  CHECK(summaries.without_latest_instants == 1);
  CHECK(SummaryOf(summaries, Tool::kVllm, ToolColumn::kTtft, "TTFT").mean == 10ms);
  for (const char* name : {"E2EL", "TPOT", "ITL"}) {
    CAPTURE(name);
    for (const ToolColumn column : {ToolColumn::kLatency, ToolColumn::kTpot, ToolColumn::kItl}) {
      if (FindToolMetric(Tool::kVllm, column, name) == nullptr) continue;
      const ToolSummary summary = SummaryOf(summaries, Tool::kVllm, column, name);
      CHECK(summary.n == 0);
      CHECK_FALSE(summary.mean);
      CHECK_FALSE(summary.p99);
    }
  }
  CHECK_FALSE(SummaryOf(summaries, Tool::kGenaiBench, ToolColumn::kTpot, "TPOT").mean);
  CHECK(SummaryOf(summaries, Tool::kGuidellm, ToolColumn::kItl, "ITL").mean == 10ms);
}

TEST_CASE("What the record cannot tell about a stream is counted", "[metrics][definitions]") {
  RequestRecord shared =
      Streamed(Make({.arrivals = {{.at = 10ms, .tokens = 2, .events = 2}, {.at = 20ms}}, .ended = 20ms}));
  RequestRecord silent = Streamed(MakeSteady(0s, 3, 10ms));
  silent.output_tokens = {9, TokenCountSource::kCalibrated};
  RequestRecord odd = Streamed(MakeSteady(0s, 3, 10ms));
  odd.textless_events = 1;  // neither before the first text nor behind the last
  RequestRecord thinking = Streamed(MakeSteady(0s, 3, 10ms));
  thinking.output_tokens.tokens = 6;
  thinking.first_content_at = thinking.last_text_at;
  const ToolSummaries summaries = Summarize({shared, silent, odd, thinking});
  CHECK(summaries.requests == 4);
  CHECK(summaries.with_shared_reads == 1);
  CHECK(summaries.without_usage == 1);
  CHECK(summaries.with_unannounced_tokens == 2);
  CHECK(summaries.with_unplaced_events == 1);
  CHECK(summaries.with_estimated_answer == 1);
  CHECK(summaries.without_latest_instants == 0);
}

TEST_CASE("Answer tokens are what is left of the output without reasoning and tool calls",
          "[metrics][definitions]") {
  RequestRecord record = Streamed(Make({.arrivals = {{.at = 10ms, .tokens = 2},
                                                     {.at = 20ms, .tokens = 3},
                                                     {.at = 30ms, .tokens = 4},
                                                     {.at = 40ms, .tokens = 1}},
                                        .ended = 40ms}));
  CHECK(AnswerTokensOf(record).tokens == 10);
  record.first_content_at = kStart + 20ms;
  CHECK(AnswerTokensOf(record).tokens == 8);
  record.last_content_at = kStart + 30ms;
  CHECK(AnswerTokensOf(record).tokens == 7);
  CHECK_FALSE(AnswerTokensOf(record).is_estimated);
  // The endpoint counts 20 where the stream told 10, and says nothing of the rest.
  record.output_tokens.tokens = 20;
  CHECK(AnswerTokensOf(record).tokens == 14);
  CHECK(AnswerTokensOf(record).is_estimated);
  // It says how many were reasoning, and nothing came behind the answer.
  record.last_content_at = record.last_text_at;
  record.reasoning_tokens = 5;
  CHECK(AnswerTokensOf(record).tokens == 15);
  CHECK_FALSE(AnswerTokensOf(record).is_estimated);
  record.first_content_at.reset();
  CHECK(AnswerTokensOf(record).tokens == 0);
}
