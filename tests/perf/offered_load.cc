#include "offered_load.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/experiment/level_run.h"
#include "process.h"

namespace llmdyno {
namespace {

template <typename T>
T OrExit(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "offered load: %s\n", std::string(result.status().message()).c_str());
  std::exit(1);
}

double OrExit(std::optional<double> value, const char* name) {
  if (value) return *value;
  std::fprintf(stderr, "offered load: no request succeeded, there is no %s\n", name);
  std::exit(1);
}

RunSpec SpecOf(const OfferedLoad& load) {
  RunSpec spec;
  spec.endpoint.url = OrExit(BaseUrl::Parse("127.0.0.1:" + std::to_string(load.port)));
  spec.endpoint.model = "perf";
  spec.dialect.stream = load.stream;
  spec.workload.name = "synthetic";
  spec.workload.tokens = {20, 40};
  spec.workload.request.max_output_tokens = load.output_tokens;
  OpenLoopConfig open_loop;
  open_loop.arrivals = load.arrivals;
  open_loop.schedule = {.rate = {.final_per_second = load.per_second}, .requests = load.requests};
  open_loop.max_in_flight = load.max_in_flight;
  spec.load = open_loop;
  spec.stop.requests = load.requests;
  spec.stop.settle = std::chrono::seconds(10);
  spec.transport.expected_concurrency = 1000;
  spec.drain_timeout = Duration::zero();
  return spec;
}

OfferedResult ResultOf(const LevelRun& level) {
  const ServingMetrics& metrics = level.metrics;
  const auto microseconds = [&](double p) {
    return 1e3 * OrExit(metrics.all.send_lag.Quantile(p), "send error");
  };
  OfferedResult result;
  result.requests = metrics.all.requests;
  result.successful = metrics.all.successful;
  result.peak_in_flight = metrics.peak_in_flight;
  result.send_error_p50_us = microseconds(0.50);
  result.send_error_p99_us = microseconds(0.99);
  result.send_error_max_us = microseconds(1);
  result.offered_per_second = OrExit(metrics.offered_per_second, "offered rate");
  result.sent_per_second = OrExit(metrics.sent_per_second, "rate of sending");
  result.completed_per_second = OrExit(metrics.completed_per_second, "rate of completions");
  result.e2e_p50_ms = OrExit(metrics.all.e2e.Quantile(0.50), "latency");
  result.e2e_p99_ms = OrExit(metrics.all.e2e.Quantile(0.99), "latency");
  result.e2e_from_schedule_p99_ms = OrExit(metrics.e2e_from_schedule.Quantile(0.99), "latency");
  result.busy = OrExit(level.health.loop_cpu_share, "share of the processor");
  return result;
}

OfferedResult RunOpenLoop(const OfferedLoad& load) {
  const Clock& clock = SystemClock();
  const Diagnostics quiet;
  const Catalog catalog = MakeBuiltInCatalog();
  const RunSpec spec = SpecOf(load);
  const auto transport = OrExit(MakeCurlTransport(spec.transport, clock, quiet));
  const auto counter = MakeEstimatingTokenCounter();
  RunPlan plan = OrExit(MakePlan(spec, {catalog, *transport, clock, quiet}, *counter));
  const auto log = OrExit(OpenRecordLog(load.record_log_path, {clock.Now(), clock.WallNow(), "{}"}));
  RunControl control;
  const LevelRun level =
      OrExit(RunLevel(plan, {clock, {transport.get()}, control, {log.get()}, nullptr, {}, quiet}, {}));
  if (!log->Close().ok()) std::exit(1);
  return ResultOf(level);
}

}  // namespace

OfferedResult OfferLoad(const OfferedLoad& load, const std::function<void()>& meanwhile) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    PinTo(load.cpu);
    const OfferedResult result = RunOpenLoop(load);
    ::_exit(::write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  ::close(ends[1]);
  if (meanwhile) meanwhile();
  OfferedResult result;
  if (::read(ends[0], &result, sizeof result) != sizeof result) std::exit(1);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return result;
}

}  // namespace llmdyno
