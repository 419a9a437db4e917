#include "llmdyno/metrics/tool_definitions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {
namespace {

using Instant = std::optional<TimePoint>;
using Span = std::optional<Duration>;
using R = const RequestRecord&;
using Values = std::vector<ToolValue>;

// The pieces that the definitions are made of.

Span Since(R record, Instant at) { return at ? Span(*at - record.started_at) : std::nullopt; }

Span Between(Instant from, Instant to) { return from && to ? Span(*to - *from) : std::nullopt; }

Span Over(Span time, int64_t count) { return time && count > 0 ? Span(*time / count) : std::nullopt; }

void Put(Span value, Values& values, int64_t weight = 1) {
  if (value && weight > 0) values.push_back({*value, weight});
}

Instant Latest(Instant a, Instant b) {
  if (!a || !b) return a ? a : b;
  return std::max(*a, *b);
}

bool HasUsage(R record) { return record.output_tokens.source == TokenCountSource::kUsage; }
int64_t Tokens(R record) { return record.output_tokens.tokens; }

// Before the latest instants were kept nobody knows when a stream's last line came.
bool TellsItsLastEvent(R record) { return record.last_event_at.has_value(); }

// The last line that carried anything: [DONE], usage, or an event.
Instant LastLine(R record) {
  if (!TellsItsLastEvent(record)) return std::nullopt;
  return record.done_at ? record.done_at : Latest(record.usage_at, record.last_event_at);
}

// One value per gap between two events with text. Events of one read have no time between them.
void TextGaps(R record, Values& values) {
  Instant previous;
  for (const Arrival& arrival : record.arrivals) {
    Put(Between(previous, arrival.at), values);
    Put(Duration::zero(), values, int64_t{arrival.events} - 1);
    previous = arrival.at;
  }
}

// Ours: an arrival of k tokens is k equal gaps (AddInterTokenGaps).
void TokenGaps(R record, Values& values) {
  Instant previous;
  for (const Arrival& arrival : record.arrivals) {
    if (previous && arrival.tokens == 0) continue;
    Put(Over(Between(previous, arrival.at), arrival.tokens), values, arrival.tokens);
    previous = arrival.at;
  }
}

// The same as TextGaps with the events that have a choice and no text, where the record has their instants:
// those before the first text and behind the last.
void ChoiceGaps(R record, Values& values) {
  if (!TellsItsLastEvent(record)) return;
  const TimePoint first_text = record.first_text_at.value_or(*record.last_event_at);
  const TimePoint last_text = record.last_text_at.value_or(first_text);
  if (record.first_event_at && *record.first_event_at < first_text) {
    Put(first_text - *record.first_event_at, values);
  }
  TextGaps(record, values);
  if (last_text < *record.last_event_at) Put(*record.last_event_at - last_text, values);
}

// Instants at which answer text arrived: reasoning comes before it, a tool call behind it.
bool IsAnswer(R record, TimePoint at) {
  return record.first_content_at && at >= *record.first_content_at &&
         (!record.last_content_at || at <= *record.last_content_at);
}

// SGLang takes the length that was asked for unless usage came.
int64_t SglangTokens(R record) {
  return HasUsage(record) ? Tokens(record) : record.requested_output_tokens.value_or(0);
}

// guidellm takes the number of events unless usage came.
int64_t GuidellmTokens(R record) {
  return HasUsage(record) ? Tokens(record) : record.arrivals.total_events();
}

// genai-bench drops what decoded in less than a millisecond.
Span GenaiTpot(R record) {
  const Instant end =
      TellsItsLastEvent(record) ? Latest(record.usage_at, record.last_event_at) : std::nullopt;
  const Span decoding = Between(record.first_text_at, end);
  if (!decoding || *decoding < std::chrono::milliseconds(1)) return std::nullopt;
  return Over(decoding, Tokens(record) - 1);
}

// inference-perf leaves requests of fewer than two answer tokens out of everything but the latency.
bool CountsForInferencePerf(R record) { return AnswerTokensOf(record).tokens > 1; }

Span AnswerTime(R record) { return Between(record.first_content_at, record.last_content_at); }

// Every token has the instant of its event: between the tokens of one event there is no time. Which event the
// zeros belong to does not matter for a distribution: they come first.
void InferencePerfGaps(R record, Values& values) {
  Values gaps;
  Instant previous;
  for (const Arrival& arrival : record.arrivals) {
    if (!IsAnswer(record, arrival.at)) continue;
    Put(Between(previous, arrival.at), gaps);
    previous = arrival.at;
  }
  Put(Duration::zero(), values, AnswerTokensOf(record).tokens - 1 - static_cast<int64_t>(gaps.size()));
  values.insert(values.end(), gaps.begin(), gaps.end());
}

// The second event with text, which may have come in the same read as the first.
Instant SecondText(R record) {
  int64_t events = 0;
  for (const Arrival& arrival : record.arrivals) {
    events += arrival.events;
    if (events > 1) return arrival.at;
  }
  return std::nullopt;
}

constexpr auto kTtft = ToolColumn::kTtft;
constexpr auto kLatency = ToolColumn::kLatency;
constexpr auto kTpot = ToolColumn::kTpot;
constexpr auto kItl = ToolColumn::kItl;
constexpr auto kLinear = ToolPercentile::kLinear;
constexpr auto kStep = ToolPercentile::kWeightedStep;

// One line per figure is worth more than the column limit here. The two flags: is_per_gap,
// needs_answer_tokens.
// clang-format off
const auto kTable = std::to_array<ToolMetric>({
    {Tool::kLlmdyno, kTtft, "TTFT", "first text - send", kLinear, false, false, [](R r, Values& v) { Put(Ttft(r), v); }},
    {Tool::kLlmdyno, kTtft, "TTFO", "first answer text - send", kLinear, false, false, [](R r, Values& v) { Put(Ttfo(r), v); }},
    {Tool::kLlmdyno, kLatency, "E2E", "end of the stream - send", kLinear, false, false, [](R r, Values& v) { Put(E2e(r), v); }},
    {Tool::kLlmdyno, kTpot, "TPOT", "(last text - first text) / (n - 1)", kLinear, false, false, [](R r, Values& v) { Put(Tpot(r), v); }},
    {Tool::kLlmdyno, kItl, "ITL", "gap between two reads, cut into as many as tokens came", kLinear, true, false, TokenGaps},

    {Tool::kVllm, kTtft, "TTFT", "first event with a choice, even an empty one, - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.first_event_at), v); }},
    {Tool::kVllm, kLatency, "E2EL", "last event with a choice - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.last_event_at), v); }},
    {Tool::kVllm, kTpot, "TPOT", "(E2EL - TTFT) / (n - 1)", kLinear, false, false, [](R r, Values& v) { Put(Over(Between(r.first_event_at, r.last_event_at), Tokens(r) - 1), v); }},
    {Tool::kVllm, kItl, "ITL", "gap between two events with a choice", kLinear, true, false, ChoiceGaps},

    {Tool::kSglang, kTtft, "TTFT", "first text - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.first_text_at), v); }},
    {Tool::kSglang, kLatency, "E2E Latency", "last line, [DONE] included, - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, LastLine(r)), v); }},
    {Tool::kSglang, kTpot, "TPOT", "(E2E - TTFT) / (n - 1); n by usage, else the length asked for", kLinear, false, false, [](R r, Values& v) { Put(Over(Between(r.first_text_at, LastLine(r)), SglangTokens(r) - 1), v); }},
    {Tool::kSglang, kItl, "ITL", "gap between two events with text", kLinear, true, false, TextGaps},

    {Tool::kGuidellm, kTtft, "TTFT", "first text - send", kStep, false, false, [](R r, Values& v) { Put(Since(r, r.first_text_at), v); }},
    {Tool::kGuidellm, kTtft, "TTFOT", "first answer text - send", kStep, false, false, [](R r, Values& v) { Put(Since(r, r.first_content_at), v); }},
    {Tool::kGuidellm, kLatency, "Request latency", "end of the stream - send", kStep, false, false, [](R r, Values& v) { Put(Since(r, r.ended_at), v); }},
    {Tool::kGuidellm, kTpot, "TPOT", "(last text - send) / n: with the prefill; a request weighs n", kStep, false, false, [](R r, Values& v) { Put(Over(Since(r, r.last_text_at), GuidellmTokens(r)), v, GuidellmTokens(r)); }},
    {Tool::kGuidellm, kItl, "ITL", "(last text - first text) / (n - 1); a request weighs n - 1", kStep, false, false, [](R r, Values& v) { Put(Over(Between(r.first_text_at, r.last_text_at), GuidellmTokens(r) - 1), v, GuidellmTokens(r) - 1); }},

    {Tool::kAiperf, kTtft, "TTFT", "first text - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.first_text_at), v); }},
    {Tool::kAiperf, kTtft, "TTFO", "first answer text - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.first_content_at), v); }},
    {Tool::kAiperf, kTtft, "TTST", "second event with text - the first", kLinear, false, false, [](R r, Values& v) { Put(Between(r.first_text_at, SecondText(r)), v); }},
    {Tool::kAiperf, kLatency, "Request Latency", "last text - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.last_text_at), v); }},
    {Tool::kAiperf, kItl, "ITL", "(Request Latency - TTFT) / (n - 1), one value per request", kLinear, false, false, [](R r, Values& v) { Put(Over(Between(r.first_text_at, r.last_text_at), Tokens(r) - 1), v); }},
    {Tool::kAiperf, kItl, "ICL", "gap between two events with text", kLinear, true, false, TextGaps},

    {Tool::kGenaiBench, kTtft, "TTFT", "first text - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.first_text_at), v); }},
    {Tool::kGenaiBench, kLatency, "E2E Latency", "usage, [DONE] not included, - send", kLinear, false, false, [](R r, Values& v) { if (TellsItsLastEvent(r)) Put(Since(r, Latest(r.usage_at, r.last_event_at)), v); }},
    {Tool::kGenaiBench, kTpot, "TPOT", "(E2E - TTFT) / (n - 1); none below 1 ms of decoding", kLinear, false, false, [](R r, Values& v) { Put(GenaiTpot(r), v); }},

    {Tool::kInferencePerf, kTtft, "TTFT", "first answer text - send", kLinear, false, true, [](R r, Values& v) { if (CountsForInferencePerf(r)) Put(Since(r, r.first_content_at), v); }},
    {Tool::kInferencePerf, kLatency, "Request Latency", "end of the stream - send, and its tokenizer's time", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.ended_at), v); }},
    {Tool::kInferencePerf, kTpot, "TPOT", "(last - first answer text) / (answer tokens - 1)", kLinear, false, true, [](R r, Values& v) { Put(Over(AnswerTime(r), AnswerTokensOf(r).tokens - 1), v); }},
    {Tool::kInferencePerf, kTpot, "TPOT, server tokens", "(last - first answer text) / (n - 1), n by usage", kLinear, false, true, [](R r, Values& v) { if (CountsForInferencePerf(r) && HasUsage(r)) Put(Over(AnswerTime(r), Tokens(r) - 1), v); }},
    {Tool::kInferencePerf, kTpot, "NTPOT", "Request Latency / answer tokens", kLinear, false, true, [](R r, Values& v) { Put(Over(Since(r, r.ended_at), AnswerTokensOf(r).tokens), v); }},
    {Tool::kInferencePerf, kItl, "ITL", "gap between two answer tokens, 0 between those of one event", kLinear, true, true, [](R r, Values& v) { if (CountsForInferencePerf(r)) InferencePerfGaps(r, v); }},

    {Tool::kInferenceBenchmarker, kTtft, "TTFT", "first answer text - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.first_content_at), v); }},
    {Tool::kInferenceBenchmarker, kLatency, "E2E Latency", "[DONE] - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, LastLine(r)), v); }},
    {Tool::kInferenceBenchmarker, kItl, "ITL", "(last - first answer text) / (answer tokens - 1), one per request", kLinear, false, true, [](R r, Values& v) { Put(Over(AnswerTime(r), AnswerTokensOf(r).tokens - 1), v); }},

    {Tool::kLlmperf, kTtft, "TTFT", "first answer text - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.first_content_at), v); }},
    {Tool::kLlmperf, kLatency, "E2E Latency", "end of the stream - send", kLinear, false, false, [](R r, Values& v) { Put(Since(r, r.ended_at), v); }},
    {Tool::kLlmperf, kItl, "ITL", "(last answer text - send) / answer tokens: with the TTFT, one per request", kLinear, false, true, [](R r, Values& v) { Put(Over(Since(r, r.last_content_at), AnswerTokensOf(r).tokens), v); }},
});
// clang-format on

}  // namespace

std::string_view ToString(Tool tool) {
  switch (tool) {
    case Tool::kLlmdyno:
      return "llmdyno";
    case Tool::kVllm:
      return "vLLM, R-bench";
    case Tool::kSglang:
      return "SGLang (chat)";
    case Tool::kGuidellm:
      return "guidellm";
    case Tool::kAiperf:
      return "AIPerf";
    case Tool::kGenaiBench:
      return "genai-bench";
    case Tool::kInferencePerf:
      return "inference-perf";
    case Tool::kInferenceBenchmarker:
      return "inference-benchmarker";
    case Tool::kLlmperf:
      return "llmperf";
  }
  return "unknown";
}

std::string_view ToString(ToolColumn column) {
  switch (column) {
    case ToolColumn::kTtft:
      return "TTFT";
    case ToolColumn::kLatency:
      return "latency";
    case ToolColumn::kTpot:
      return "TPOT";
    case ToolColumn::kItl:
      return "ITL";
  }
  return "unknown";
}

std::span<const ToolMetric> ToolMetricTable() { return kTable; }

const ToolMetric* FindToolMetric(Tool tool, ToolColumn column, std::string_view name) {
  for (const ToolMetric& metric : kTable) {
    if (metric.tool == tool && metric.column == column && metric.name == name) return &metric;
  }
  return nullptr;
}

std::vector<ToolValue> ToolValues(const ToolMetric& metric, const RequestRecord& record) {
  std::vector<ToolValue> values;
  if (record.streamed) metric.append(record, values);
  return values;
}

AnswerTokens AnswerTokensOf(const RequestRecord& record) {
  const int64_t total = record.output_tokens.tokens;
  if (!record.first_content_at) return {};
  int64_t other = 0;  // announced tokens of reasoning, and of tool calls behind the answer
  int64_t behind = 0;
  for (const Arrival& arrival : record.arrivals) {
    if (IsAnswer(record, arrival.at)) continue;
    other += arrival.tokens;
    if (arrival.at > *record.first_content_at) behind += arrival.tokens;
  }
  const int64_t announced = record.arrivals.total_tokens();
  if (other == 0 || announced == total) return {std::max<int64_t>(0, total - other), false};
  const int64_t reasoning = record.reasoning_tokens.value_or(0);
  if (behind == 0 && reasoning > 0 && reasoning <= total) return {total - reasoning, false};
  const double share = static_cast<double>(announced - other) / static_cast<double>(announced);
  return {std::llround(static_cast<double>(total) * share), true};
}

}  // namespace llmdyno
