#include "send_error.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/run/execute_run.h"
#include "process.h"

namespace llmdyno {
namespace {

class SendErrorSink final : public RecordSink {
 public:
  void OnRecord(const RequestRecord& record) override {
    errors_us.push_back(ToMicroseconds(record.started_at - record.scheduled_at));
    successful += record.outcome.ok();
  }
  std::vector<double> errors_us;
  int64_t successful = 0;
};

template <typename T>
T OrExit(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "send error: %s\n", std::string(result.status().message()).c_str());
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
  spec.load = open_loop;
  spec.stop.requests = load.requests;
  spec.stop.settle = std::chrono::seconds(10);
  spec.transport.expected_concurrency = 1000;
  spec.drain_timeout = Duration::zero();
  return spec;
}

SendError RunOpenLoop(const OfferedLoad& load) {
  const Clock& clock = SystemClock();
  const Diagnostics quiet;
  const Catalog catalog = MakeBuiltInCatalog();
  const RunSpec spec = SpecOf(load);
  const auto transport = OrExit(MakeCurlTransport(spec.transport, clock, quiet));
  const auto counter = MakeEstimatingTokenCounter();
  RunPlan plan = OrExit(MakePlan(spec, {catalog, *transport, clock, quiet}, *counter));
  const auto log = OrExit(OpenRecordLog(load.record_log_path, {clock.Now(), clock.WallNow(), "{}"}));
  SendErrorSink sink;
  RunControl control;
  const RunResult run =
      OrExit(ExecuteRun(plan, {clock, *transport, control, {log.get(), &sink}, nullptr, {}, quiet}));
  if (!log->Close().ok()) std::exit(1);

  SendError result;
  std::sort(sink.errors_us.begin(), sink.errors_us.end());
  const auto quantile = [&](double p) {
    return sink.errors_us[static_cast<size_t>(p * static_cast<double>(sink.errors_us.size() - 1))];
  };
  result.requests = std::ssize(sink.errors_us);
  result.successful = sink.successful;
  result.p50_us = quantile(0.50);
  result.p99_us = quantile(0.99);
  result.max_us = sink.errors_us.back();
  result.sent_per_second =
      static_cast<double>(result.requests - 1) / ToSeconds(*run.last_sent_at - *run.first_sent_at);
  result.cpu_seconds = ToSeconds(run.loop_cpu_time);
  result.elapsed_seconds = ToSeconds(run.finish_line - run.started_at);
  return result;
}

}  // namespace

SendError MeasureSendError(const OfferedLoad& load) {
  int ends[2];
  if (::pipe(ends) != 0) std::exit(1);
  const pid_t child = ::fork();
  if (child == 0) {
    PinTo(load.cpu);
    const SendError result = RunOpenLoop(load);
    ::_exit(::write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  ::close(ends[1]);
  SendError result;
  if (::read(ends[0], &result, sizeof result) != sizeof result) std::exit(1);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return result;
}

}  // namespace llmdyno
