#include "llmdyno/metrics/metric_table.h"

#include <array>

#include "llmdyno/metrics/request_metrics.h"

namespace llmdyno {
namespace {

using Value = std::optional<double>;

Value Ms(std::optional<Duration> duration) {
  return duration ? Value(ToMilliseconds(*duration)) : std::nullopt;
}

template <typename Number>
Value MaybeReal(const std::optional<Number>& number) {
  return number ? Value(static_cast<double>(*number)) : std::nullopt;
}

MetricDef OfRequest(std::string_view name, std::string_view title, std::string_view unit,
                    MetricPopulation population, std::string_view applies_when,
                    Value (*of_request)(const RequestRecord&), Distribution RunMetrics::*distribution) {
  MetricDef metric{name, title, unit, MetricScope::kRequest, population, applies_when};
  metric.of_request = of_request;
  metric.distribution = distribution;
  return metric;
}

MetricDef OfRun(std::string_view name, std::string_view title, std::string_view unit,
                std::string_view applies_when, Value (*of_run)(const RunMetrics&)) {
  MetricDef metric{name, title, unit, MetricScope::kRun, MetricPopulation::kRace, applies_when};
  metric.of_run = of_run;
  return metric;
}

MetricDef OfTokens(std::string_view name, std::string_view title, std::string_view unit,
                   std::string_view applies_when, GapHistogram RunMetrics::*histogram) {
  MetricDef metric{name, title, unit, MetricScope::kToken, MetricPopulation::kAnswered, applies_when};
  metric.histogram = histogram;
  return metric;
}

using R = const RequestRecord&;
using M = const RunMetrics&;
constexpr auto kAnswered = MetricPopulation::kAnswered;

// One line per metric is worth more than the column limit here.
// clang-format off
const auto kTable = std::to_array<MetricDef>({
    OfRequest("ttft_ms", "TTFT", "ms", kAnswered, "streamed responses with text", [](R r) { return Ms(Ttft(r)); }, &RunMetrics::ttft),
    OfRequest("ttft_from_schedule_ms", "TTFT from schedule", "ms", kAnswered, "streamed responses with text", [](R r) { return Ms(TtftFromSchedule(r)); }, &RunMetrics::ttft_from_schedule),
    OfRequest("ttfo_ms", "TTFO", "ms", kAnswered, "streamed responses with answer text", [](R r) { return Ms(Ttfo(r)); }, &RunMetrics::ttfo),
    OfRequest("time_to_first_event_ms", "Time to first event", "ms", kAnswered, "streamed responses", [](R r) { return Ms(TimeToFirstEvent(r)); }, &RunMetrics::first_event),
    OfRequest("tpot_ms", "TPOT", "ms", kAnswered, "streamed responses of two tokens or more that did not come in one piece", [](R r) { return Ms(Tpot(r)); }, &RunMetrics::tpot),
    OfRequest("decode_tokens_per_s", "Decode speed", "tokens/s", kAnswered, "wherever TPOT exists", [](R r) { return DecodeSpeed(r); }, &RunMetrics::decode_speed),
    OfRequest("e2e_ms", "E2E", "ms", kAnswered, "always", [](R r) { return Ms(E2e(r)); }, &RunMetrics::e2e),
    OfRequest("e2e_from_schedule_ms", "E2E from schedule", "ms", kAnswered, "always", [](R r) { return Ms(E2eFromSchedule(r)); }, &RunMetrics::e2e_from_schedule),
    OfRequest("request_tokens_per_s", "Request speed", "tokens/s", kAnswered, "time passed", [](R r) { return RequestSpeed(r); }, &RunMetrics::request_speed),
    OfRequest("output_length_tokens", "Output length", "tokens", kAnswered, "always", [](R r) { return Value(r.output_tokens.tokens); }, &RunMetrics::output_length),
    OfRequest("input_length_tokens", "Input length", "tokens", kAnswered, "always", [](R r) { return Value(r.input_tokens.tokens); }, &RunMetrics::input_length),
    OfRequest("send_lag_ms", "Send lag", "ms", MetricPopulation::kMeasured, "always", [](R r) { return Ms(SendLag(r)); }, &RunMetrics::send_lag),
    OfRequest("failed_e2e_ms", "Time to failure", "ms", MetricPopulation::kFailed, "always", [](R r) { return Ms(E2e(r)); }, &RunMetrics::failed_e2e),
    OfTokens("itl_ms", "ITL", "ms", "streamed responses of two arrivals or more", &RunMetrics::itl),
    OfRun("output_tokens", "Output Tokens", "tokens", "always", [](M m) { return Value(m.output_tokens); }),
    OfRun("input_tokens", "Input Tokens", "tokens", "always", [](M m) { return Value(m.input_tokens); }),
    OfRun("total_tokens", "Total Tokens", "tokens", "always", [](M m) { return Value(m.total_tokens); }),
    OfRun("elapsed_s", "Time Elapsed", "s", "something was sent", [](M m) { return m.first_send_at ? Value(ToSeconds(m.elapsed)) : std::nullopt; }),
    OfRun("output_tokens_per_s", "Avg Throughput", "tokens/s", "time passed", [](M m) { return m.output_tokens_per_second; }),
    OfRun("total_tokens_per_s", "Total throughput", "tokens/s", "time passed", [](M m) { return m.total_tokens_per_second; }),
    OfRun("peak_output_tokens_per_s", "Peak Throughput", "tokens/s", "time passed", [](M m) { return m.peak_output_tokens_per_second; }),
    OfRun("peak_1s_output_tokens_per_s", "Peak of one second", "tokens/s", "time passed", [](M m) { return m.peak_1s_output_tokens_per_second; }),
    OfRun("requests", "Total Requests", "requests", "always", [](M m) { return Value(m.requests); }),
    OfRun("successful", "Successful", "requests", "always", [](M m) { return Value(m.successful); }),
    OfRun("failed", "Failed", "requests", "always", [](M m) { return Value(m.failed); }),
    OfRun("success_rate_percent", "Success Rate", "%", "at least one request", [](M m) { return m.success_rate_percent; }),
    OfRun("requests_per_s", "Requests per second", "requests/s", "time passed", [](M m) { return m.requests_per_second; }),
    OfRun("http_429", "HTTP 429", "requests", "always", [](M m) { return Value(m.http_429); }),
    OfRun("http_503", "HTTP 503", "requests", "always", [](M m) { return Value(m.http_503); }),
    OfRun("time_to_first_send_s", "Time to first send", "s", "something was sent and the start was told", [](M m) { return m.time_to_first_send ? Value(ToSeconds(*m.time_to_first_send)) : std::nullopt; }),
    OfRun("ramp_up_s", "Ramp-up", "s", "every user became active", [](M m) { return m.ramp_up ? Value(ToSeconds(m.ramp_up->duration)) : std::nullopt; }),
    OfRun("output_tokens_per_s_after_ramp_up", "Throughput after ramp-up", "tokens/s", "every user became active before the line", [](M m) { return m.ramp_up ? m.ramp_up->tokens_per_second_after : std::nullopt; }),
    OfRun("in_flight_at_line", "In flight at the finish line", "requests", "always", [](M m) { return Value(m.drain.in_flight); }),
    OfRun("in_flight_without_token", "In flight without a token", "requests", "always", [](M m) { return Value(m.drain.without_token); }),
    OfRun("drain_s", "Drain", "s", "always", [](M m) { return Value(ToSeconds(m.drain.duration)); }),
    OfRun("drain_output_tokens", "Tokens in the drain", "tokens", "always", [](M m) { return Value(m.drain.output_tokens); }),
    OfRun("drain_completed", "Completed in the drain", "requests", "always", [](M m) { return Value(m.drain.completed); }),
    OfRun("drain_cancelled", "Cancelled in the drain", "requests", "always", [](M m) { return Value(m.drain.cancelled); }),
    OfRun("drain_failed", "Failed in the drain", "requests", "always", [](M m) { return Value(m.drain.failed); }),
    OfRun("warm_up_requests", "Warm-up requests", "requests", "always", [](M m) { return Value(m.warm_up_requests); }),
    OfRun("connections_reused", "Requests on a kept connection", "requests", "always", [](M m) { return Value(m.connections_reused); }),
    OfRun("output_length_mismatches", "Wrong output length", "requests", "the run insists on lengths (ignore_eos)", [](M m) { return MaybeReal(m.output_length_mismatches); }),
    OfRun("upper_bound_share", "Arrivals with an upper bound only", "1", "something was streamed", [](M m) { return m.arrivals.UpperBoundShare(); }),
    OfRun("tokens_per_event", "Tokens per event", "tokens/event", "something was streamed", [](M m) { return m.tokens_per_event; }),
    OfRun("announced_token_share", "Tokens announced in the stream", "1", "something was streamed", [](M m) { return m.announced_token_share; }),
});
// clang-format on

}  // namespace

std::string_view ToString(MetricScope scope) {
  switch (scope) {
    case MetricScope::kRequest:
      return "request";
    case MetricScope::kToken:
      return "token";
    case MetricScope::kRun:
      return "run";
  }
  return "unknown";
}

std::string_view ToString(MetricPopulation population) {
  switch (population) {
    case MetricPopulation::kAnswered:
      return "answered";
    case MetricPopulation::kMeasured:
      return "measured";
    case MetricPopulation::kFailed:
      return "failed";
    case MetricPopulation::kRace:
      return "race";
  }
  return "unknown";
}

std::span<const MetricDef> MetricTable() { return kTable; }

const MetricDef* FindMetric(std::string_view name) {
  for (const MetricDef& metric : kTable) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

}  // namespace llmdyno
