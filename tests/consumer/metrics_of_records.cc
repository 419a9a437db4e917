// A program that only explains records: it links llmdyno::analysis, and so no network code.
#include <chrono>
#include <cstdio>

#include "llmdyno/metrics/run_metrics_builder.h"

int main() {
  using namespace std::chrono_literals;
  llmdyno::RunMetricsBuilder builder;
  const llmdyno::TimePoint start(1h);
  // Ten requests one after the other: 200 ms to the first token, then nine more in 10 ms each.
  for (int64_t id = 0; id < 10; ++id) {
    llmdyno::RequestRecord record;
    record.request_id = id;
    record.scheduled_at = record.started_at = start + id * 290ms;
    record.first_event_at = record.first_text_at = record.started_at + 200ms;
    for (int token = 0; token < 10; ++token) {
      record.arrivals.Append({.at = *record.first_text_at + token * 10ms});
    }
    record.last_text_at = record.ended_at = record.arrivals.last_at();
    record.output_tokens = {10, llmdyno::TokenCountSource::kUsage};
    builder.OnRecord(record);
  }
  builder.OnFinishLine(start + 2900ms, "target_requests");
  const llmdyno::RunMetrics metrics = builder.Build();
  std::printf("%lld requests, %lld tokens, mean TTFT %.1f ms\n", static_cast<long long>(metrics.requests),
              static_cast<long long>(metrics.output_tokens), metrics.ttft.Mean().value_or(0));
  const bool right = metrics.requests == 10 && metrics.output_tokens == 100 && metrics.ttft.Mean() == 200.0;
  return right ? 0 : 1;
}
