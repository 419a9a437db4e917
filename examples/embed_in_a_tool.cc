// Races an endpoint from inside another program and reads the metrics.
//
//   embed_in_a_tool http://localhost:8000/v1 MODEL
//
// The key, where one is needed, comes from OPENAI_API_KEY. docs/embedding.md explains each step.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "llmdyno/llmdyno.h"

namespace {

using namespace llmdyno;

absl::StatusOr<RunSpec> MakeSpec(const char* url, const char* model) {
  RunSpec spec;
  const absl::StatusOr<BaseUrl> base = BaseUrl::Parse(url);
  if (!base.ok()) return base.status();
  spec.endpoint.url = *base;
  spec.endpoint.model = model;
  if (const char* key = std::getenv("OPENAI_API_KEY")) spec.endpoint.api_key = Secret(key);
  spec.workload.name = "synthetic";
  spec.workload.request.max_output_tokens = 100;
  spec.load = ClosedLoopConfig{.users = 8};
  spec.stop.output_tokens = 5'000;  // a real race has a million
  spec.stop.max_duration = std::chrono::minutes(5);
  spec.warm_up_requests = 8;
  return spec;
}

void Print(const char* name, const std::optional<double>& value, const char* unit) {
  value ? std::printf("%-10s %.1f %s\n", name, *value, unit) : std::printf("%-10s -\n", name);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: embed_in_a_tool URL MODEL\n"), 2;
  const absl::StatusOr<RunSpec> spec = MakeSpec(argv[1], argv[2]);
  if (!spec.ok()) return std::fprintf(stderr, "%s\n", spec.status().ToString().c_str()), 2;

  MeasurementOptions options;
  options.on_progress = [](const MeasurementProgress& now) {
    std::fprintf(stderr, "%lld tokens\n", static_cast<long long>(now.run.totals.output_tokens));
  };
  const absl::StatusOr<MeasurementResult> result = Measure(*spec, options);
  if (!result.ok()) return std::fprintf(stderr, "%s\n", result.status().ToString().c_str()), 1;

  const RunMetrics& metrics = result->metrics;
  std::printf("%-10s %lld of %lld requests, then %s\n", "succeeded",
              static_cast<long long>(metrics.successful), static_cast<long long>(metrics.requests),
              metrics.stop_reason.c_str());
  Print("TTFT p50", metrics.ttft.Quantile(0.50), "ms");
  Print("TTFT p99", metrics.ttft.Quantile(0.99), "ms");
  Print("throughput", metrics.output_tokens_per_second, "tokens/s");
  std::printf("%-10s %s\n", "verdict", result->validity.valid ? "VALID" : "SUSPECT");
  for (const ValidityReason& reason : result->validity.reasons)
    std::printf("  %s\n", reason.sentence.c_str());
  return metrics.successful > 0 ? 0 : 1;
}
