// A small race, from records, for tests of what is written about it.
#pragma once

#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/report/report.h"
#include "unit/metrics/made_record.h"

namespace llmdyno {

// Two users, 10 s. User 0: five requests of 20 tokens in 2 s each. User 1: two such, one 503, and one under
// way with 15 of its 20 tokens at the line: 7 * 20 + 15 = 155 output tokens in 9 requests, 8 of them
// successful.
inline RunMetrics MadeMetrics() {
  RunMetricsBuilder builder;
  for (int i = 0; i < 5; ++i) builder.OnRecord(MakeSteady(i * 2s, 20, 100ms, 0));
  for (int i = 0; i < 2; ++i) builder.OnRecord(MakeSteady(1s + i * 2s, 20, 100ms, 1));
  builder.OnRecord(Make(
      {.sent = 5s, .ended = 5100ms, .user_id = 1, .outcome = Failed(OutcomeClass::kOverload, 503, "busy")}));
  builder.OnFinishLine(kStart + 10s, "target_tokens");
  builder.OnRecord(MakeSteady(8500ms, 20, 100ms, 1));
  return builder.Build({.users = 2});
}

inline RaceReport MadeReport() {
  RaceReport report;
  report.title = "Race to 150 output tokens";
  report.engine = "vllm";
  report.model = "some/model";
  report.endpoint = "http://localhost:8000/v1";
  report.users = 2;
  report.seed = 42;
  report.configuration_json = R"({"target_tokens":150})";
  report.provenance = {.version = "0.1.0", .compiler = "GCC", .started_at = WallTime(1738324800s)};
  report.metrics = MadeMetrics();
  report.health = ClientHealthFromRecords(report.metrics);
  report.health.loop_cpu_share = 0.25;
  report.health.read_lag_p99 = 1ms;
  report.validity = JudgeValidity(report.health);
  return report;
}

}  // namespace llmdyno
