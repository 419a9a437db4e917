// What other benchmarks would have printed for a request: each one's definitions, on one record.
//
// Tools use the same four names for different things (docs/metrics.md, "One stream, every tool"). A user who
// comes from one of them finds its number here, computed from the stream that llmdyno has recorded.
// ToolSummaryBuilder and tests call it. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

// Whose definition it is.
enum class Tool {
  kLlmdyno,  // our own, to compare with
  kVllm,     // vLLM's own benchmark, and R-bench, its rewrite in Rust
  kSglang,
  kGuidellm,
  kAiperf,
  kGenaiBench,
  kInferencePerf,
  kInferenceBenchmarker,
  kLlmperf,
};
// As people write it: "vLLM, R-bench", "SGLang (chat)".
std::string_view ToString(Tool tool);

// Which of the four questions a figure answers, whatever its tool calls it.
enum class ToolColumn { kTtft, kLatency, kTpot, kItl };
// "TTFT", "latency", "TPOT", "ITL".
std::string_view ToString(ToolColumn column);

// How a tool takes its percentiles.
enum class ToolPercentile {
  kLinear,        // between order statistics, as Distribution::Quantile
  kWeightedStep,  // the first value at which the weights add up to the share
};

// A value of a figure, and what it weighs in the tool's mean and percentiles: so many equal gaps, or a
// request's tokens where the tool weighs requests by them.
struct ToolValue {
  Duration value{};
  int64_t weight = 1;
  friend bool operator==(const ToolValue&, const ToolValue&) = default;
};

// One figure of one tool.
struct ToolMetric {
  Tool tool;
  ToolColumn column;
  std::string_view name;     // as the tool has it: "E2EL", "TTFOT"
  std::string_view formula;  // on one line; n is the tool's own count of output tokens
  ToolPercentile percentile = ToolPercentile::kLinear;
  bool is_per_gap = false;           // many values for each request, pooled; else at most one
  bool needs_answer_tokens = false;  // depends on AnswerTokensOf
  // Appends the request's values; nothing where the tool has none, or the record does not tell.
  void (*append)(const RequestRecord&, std::vector<ToolValue>&) = nullptr;
};

// All figures, tool by tool in the order of Tool, and in a tool by ToolColumn.
std::span<const ToolMetric> ToolMetricTable();
// Nothing for a name that the tool has not.
const ToolMetric* FindToolMetric(Tool tool, ToolColumn column, std::string_view name);

// What the tool would have recorded for this request. Empty for a response that was not streamed: these are
// definitions of streams.
std::vector<ToolValue> ToolValues(const ToolMetric& metric, const RequestRecord& record);

// Tokens of the answer text, reasoning left out: what tools count that tokenize only the answer.
struct AnswerTokens {
  int64_t tokens = 0;
  // The stream told neither how many tokens its reasoning or its tool calls had nor how many each event
  // carried: the output tokens are then split as the events are.
  bool is_estimated = false;
};
// Of the record's output tokens; all of them where the stream had nothing but answer text, 0 where it had
// none.
AnswerTokens AnswerTokensOf(const RequestRecord& record);

}  // namespace llmdyno
