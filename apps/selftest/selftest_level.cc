#include "selftest/selftest_level.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/experiment/level_run.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/sim/request_log_reader.h"
#include "selftest/process_usage.h"
#include "selftest/simulator_process.h"

namespace llmdyno {
namespace {

// The script waits this part of a token's time before the first: a request that comes right after a round is
// in the next one, and none is so late in its round that its first token misses it.
constexpr int kTtftPart = 2;

// A file that is gone when the level is over.
class ScratchFile {
 public:
  ScratchFile(const std::string& folder, const std::string& name) : path_(folder + "/" + name) {}
  ~ScratchFile() { std::remove(path_.c_str()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// How many tokens a request has: at one stream requests are short, so that there are several; from a few
// hundred streams on they last for half the window at most, so that whole ones fit into it.
int64_t RequestTokens(const StreamLoad& load) {
  constexpr double kRequestsPerSecond = 500;  // wanted of a level; more would measure how requests begin
  constexpr double kShortestSeconds = 0.1;
  constexpr double kLongestSeconds = 2;
  const double longest = std::min(kLongestSeconds, ToSeconds(load.window) / 2);
  const double seconds = std::clamp(static_cast<double>(load.concurrency) / kRequestsPerSecond,
                                    std::min(kShortestSeconds, longest), longest);
  return std::max<int64_t>(3, std::llround(seconds / ToSeconds(load.itl)));
}

RunSpec BaseSpec(uint16_t port) {
  RunSpec spec;
  const auto url = BaseUrl::Parse("127.0.0.1:" + std::to_string(port));
  if (url.ok()) spec.endpoint.url = *url;
  spec.endpoint.model = "selftest";
  spec.workload.name = "synthetic";
  spec.workload.tokens = {20, 40};
  spec.drain_timeout = Duration::zero();
  return spec;
}

RunSpec StreamSpec(const StreamLoad& load, int64_t request_tokens, uint16_t port) {
  RunSpec spec = BaseSpec(port);
  spec.workload.request.max_output_tokens = request_tokens;
  const Duration ramp = request_tokens * load.itl;  // users begin evenly over the time of one request
  ClosedLoopConfig users;
  users.users = load.concurrency;
  users.ramp_users_per_second = static_cast<double>(load.concurrency) / ToSeconds(ramp);
  spec.load = users;
  spec.stop.duration = ramp + load.window;
  spec.transport.expected_concurrency = load.concurrency;
  return spec;
}

RunSpec SendSpec(const SendLoad& load, uint16_t port) {
  RunSpec spec = BaseSpec(port);
  constexpr int64_t kTokens = 8;
  spec.workload.request.max_output_tokens = kTokens;
  const int64_t requests = std::max<int64_t>(1, std::llround(load.per_second * ToSeconds(load.window)));
  OpenLoopConfig open_loop;
  open_loop.arrivals = "poisson";
  open_loop.schedule = {.rate = {.final_per_second = load.per_second}, .requests = requests};
  spec.load = open_loop;
  spec.stop.requests = requests;
  spec.stop.settle = std::chrono::seconds(5);
  spec.transport.expected_concurrency = 100;
  return spec;
}

// A level with what it cost on both sides.
struct CostedRun {
  LevelRun level;
  Duration elapsed{};
  ProcessUsage client_before, client_after;
  ProcessUsage endpoint_before, endpoint_after;
};

absl::StatusOr<CostedRun> RunClient(const RunSpec& spec, const SelftestSetting& setting,
                                    const std::string& record_log_path, pid_t endpoint) {
  LLMDYNO_RETURN_IF_ERROR(spec.Validate());
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<Transport> transport,
                           MakeCurlTransport(spec.transport, setting.clock, setting.diagnostics));
  const auto counter = MakeEstimatingTokenCounter();
  LLMDYNO_ASSIGN_OR_RETURN(
      RunPlan plan,
      MakePlan(spec, {setting.catalog, *transport, setting.clock, setting.diagnostics}, *counter));
  LLMDYNO_ASSIGN_OR_RETURN(
      const std::unique_ptr<RecordSink> log,
      OpenRecordLog(record_log_path, {setting.clock.Now(), setting.clock.WallNow(), "{}"}));
  const RunContext context{setting.clock,      {transport.get()}, setting.control, {log.get()}, nullptr, {},
                           setting.diagnostics};
  CostedRun run;
  run.client_before = UsageOf(::getpid());
  run.endpoint_before = UsageOf(endpoint);
  const TimePoint begin = setting.clock.Now();
  LLMDYNO_ASSIGN_OR_RETURN(run.level, RunLevel(plan, context, {}));
  run.elapsed = setting.clock.Now() - begin;
  run.client_after = UsageOf(::getpid());
  run.endpoint_after = UsageOf(endpoint);
  LLMDYNO_RETURN_IF_ERROR(log->Close());
  return run;
}

// What the records and the endpoint's log have in common. Failed are those that nobody ended on purpose.
struct Comparison {
  MeasurementErrors errors;
  int64_t failed = 0;
};

absl::StatusOr<Comparison> Compare(const std::string& record_log_path, const std::string& truth_path,
                                   const ComparedWindow& window) {
  LLMDYNO_ASSIGN_OR_RETURN(const RequestTruths truths, ReadRequestTruths(truth_path));
  MeasurementErrorBuilder builder(window);
  Comparison comparison;
  LLMDYNO_RETURN_IF_ERROR(ReadRecordLog(record_log_path, [&](const RequestRecord& record) {
                            const auto truth = truths.find(XRequestId(record.request_id));
                            const bool is_known = truth != truths.end();
                            const bool was_cut_off = record.outcome.cls == OutcomeClass::kCancelled;
                            if (!record.outcome.ok() && !was_cut_off) ++comparison.failed;
                            // What the end of the level cut off may not have reached the endpoint.
                            if (is_known || !was_cut_off) {
                              builder.Add(record, is_known ? &truth->second : nullptr);
                            }
                          }).status());
  comparison.errors = builder.errors();
  return comparison;
}

std::optional<double> LateShare(const Distribution& send_lag_ms) {
  if (send_lag_ms.empty()) return std::nullopt;
  const auto samples = send_lag_ms.samples();
  const auto late =
      std::count_if(samples.begin(), samples.end(), [](double ms) { return ms > ToMilliseconds(kLateSend); });
  return static_cast<double>(late) / static_cast<double>(samples.size());
}

void AddCosts(const CostedRun& run, SelftestLevel& level) {
  level.client_cpu_share = ShareOf(run.client_before.cpu, run.client_after.cpu, run.elapsed);
  level.client_wait_share = ShareOf(run.client_before.waited, run.client_after.waited, run.elapsed);
  level.endpoint_cpu_share = ShareOf(run.endpoint_before.cpu, run.endpoint_after.cpu, run.elapsed);
  level.endpoint_wait_share = ShareOf(run.endpoint_before.waited, run.endpoint_after.waited, run.elapsed);
  const double cpu_seconds = level.client_cpu_share.value_or(0) * ToSeconds(run.elapsed);
  const auto tokens = static_cast<double>(run.level.result.totals.output_tokens);
  if (cpu_seconds > 0) level.tokens_per_cpu_second = tokens / cpu_seconds;
}

void AddErrors(const Comparison& comparison, SelftestLevel& level) {
  const MeasurementErrors& errors = comparison.errors;
  for (size_t i = 0; i < kMeasuredQuantities; ++i) level.errors[i] = FiguresOf(errors.errors_us[i]);
  level.tokens = errors.tokens;
  level.requests = errors.requests;
  level.failed_requests = comparison.failed;
  level.without_truth = errors.without_truth;
  level.token_mismatches = errors.token_mismatches;
  if (errors.tokens > 0) {
    level.upper_bound_share = static_cast<double>(errors.upper_bounds) / static_cast<double>(errors.tokens);
  }
  if (level.window > Duration::zero()) {
    level.tokens_per_second = static_cast<double>(errors.tokens_sent) / ToSeconds(level.window);
  }
}

// Behind the ramp: as planned, or when the last user had begun if that was later.
ComparedWindow WindowOf(const RunResult& result, Duration ramp) {
  const TimePoint planned = result.started_at + ramp;
  const TimePoint begin = std::max(planned, result.all_users_active_at.value_or(planned));
  return {std::min(begin, result.finish_line), result.finish_line};
}

}  // namespace

absl::StatusOr<SelftestLevel> RunStreams(const StreamLoad& load, const SelftestSetting& setting) {
  const ScratchFile truth(setting.folder, "truth.jsonl");
  const ScratchFile records(setting.folder, "records.jsonl");
  const std::string profile = "scripted:ttft=" + ToString(load.itl / kTtftPart) +
                              ",itl=" + ToString(load.itl) + ",lockstep=true,output_tokens=1000000";
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<SimulatorProcess> endpoint,
                           SimulatorProcess::Start(profile, truth.path(), setting.cores.endpoint));
  SelftestLevel level;
  level.concurrency = load.concurrency;
  level.request_tokens = RequestTokens(load);
  level.scripted_tokens_per_second = static_cast<double>(load.concurrency) / ToSeconds(load.itl);
  LLMDYNO_ASSIGN_OR_RETURN(const CostedRun run,
                           RunClient(StreamSpec(load, level.request_tokens, endpoint->port()), setting,
                                     records.path(), endpoint->pid()));
  LLMDYNO_RETURN_IF_ERROR(endpoint->Stop());
  const RunResult& result = run.level.result;
  const ComparedWindow window = WindowOf(result, level.request_tokens * load.itl);
  level.window = window.end - window.begin;
  level.interrupted = result.stop_reason == StopReason::kInterrupted;
  level.health = run.level.health;
  level.validity = JudgeValidity(level.health);
  level.stamps = run.level.metrics.all.arrivals;
  level.late_send_share = LateShare(run.level.metrics.all.send_lag);
  AddCosts(run, level);
  LLMDYNO_ASSIGN_OR_RETURN(const Comparison comparison, Compare(records.path(), truth.path(), window));
  AddErrors(comparison, level);
  return level;
}

absl::StatusOr<SelftestSends> RunSends(const SendLoad& load, const SelftestSetting& setting) {
  const ScratchFile truth(setting.folder, "truth.jsonl");
  const ScratchFile records(setting.folder, "records.jsonl");
  LLMDYNO_ASSIGN_OR_RETURN(
      const std::unique_ptr<SimulatorProcess> endpoint,
      SimulatorProcess::Start("scripted:ttft=20ms,itl=5ms", truth.path(), setting.cores.endpoint));
  LLMDYNO_ASSIGN_OR_RETURN(const CostedRun run, RunClient(SendSpec(load, endpoint->port()), setting,
                                                          records.path(), endpoint->pid()));
  LLMDYNO_RETURN_IF_ERROR(endpoint->Stop());
  SelftestSends sends;
  sends.requests_per_second = load.per_second;
  Distribution errors_us;
  for (const double ms : run.level.metrics.all.send_lag.samples()) errors_us.Add(1e3 * ms);
  sends.send_error = FiguresOf(errors_us);
  sends.sent_per_second = run.level.metrics.sent_per_second;
  sends.validity = JudgeValidity(run.level.health, {}, LoadLever::kRate);
  sends.interrupted = run.level.result.stop_reason == StopReason::kInterrupted;
  return sends;
}

}  // namespace llmdyno
