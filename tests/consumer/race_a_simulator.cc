// A program that races an endpoint in its own process: llmdyno::llmdyno, and llmdyno::sim for something to
// race.
#include <cstdio>
#include <memory>
#include <string>

#include "llmdyno/llmdyno.h"
#include "llmdyno/sim/sim_server.h"

namespace {

using namespace llmdyno;

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

absl::StatusOr<RunMetrics> Race(const std::string& url) {
  RunSpec spec;
  const auto parsed = BaseUrl::Parse(url);
  if (!parsed.ok()) return parsed.status();
  spec.endpoint.url = *parsed;
  spec.endpoint.model = "simulated";
  spec.workload.name = "synthetic";
  spec.workload.request.max_output_tokens = 20;
  spec.load = ClosedLoopConfig{.users = 4, .ramp_users_per_second = 0};
  spec.stop.requests = 40;
  const Diagnostics diagnostics;
  auto transport = MakeCurlTransport(spec.transport, SystemClock(), diagnostics);
  if (!transport.ok()) return transport.status();
  const Catalog catalog = MakeBuiltInCatalog();
  const RunSetting setting{catalog, **transport, SystemClock(), diagnostics};
  auto counter = MakeTokenCounter(spec, setting);
  if (!counter.ok()) return counter.status();
  auto plan = MakePlan(spec, setting, **counter);
  if (!plan.ok()) return plan.status();
  RunControl control;
  RunMetricsBuilder metrics;
  const RunContext context{
      SystemClock(), {transport->get()}, control, {&metrics}, {}, std::chrono::seconds(5), {}};
  const auto result = ExecuteRun(*plan, context);
  if (!result.ok()) return result.status();
  return metrics.Build();
}

}  // namespace

int main() {
  // What an embedding tool asks for in one word.
  const auto scenario = Scenario::Parse("N(480,240)/(300,150)");
  if (!scenario.ok()) return Fail(scenario.status());
  if (Scenario::Parse("N(480,240)/(300").ok()) return 1;
  const auto server = SimServer::Start({});
  if (!server.ok()) return Fail(server.status());
  const auto metrics = Race((*server)->base_url());
  if (!metrics.ok()) return Fail(metrics.status());
  std::printf("%lld of %lld requests, %lld tokens\n", static_cast<long long>(metrics->successful),
              static_cast<long long>(metrics->requests), static_cast<long long>(metrics->output_tokens));
  return metrics->successful == 40 && metrics->output_tokens > 0 ? 0 : 1;
}
