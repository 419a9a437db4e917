#include "cli/session.h"

#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>
#include <utility>

#include "cli/descriptor_limit.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/run/usage_calibration.h"
#include "llmdyno/sim/virtual_transport.h"

namespace llmdyno {
namespace {

// Descriptors beside those of the streams: files, epoll, the resolver's threads.
constexpr int64_t kSpareDescriptors = 64;

int AvailableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

// The log keeps warm-up requests under their phase and the metrics count them; no figure includes them. A
// finish line of theirs would be taken for the run's, so the sinks hear of records only.
class RecordsOnly final : public RecordSink {
 public:
  explicit RecordsOnly(const std::vector<RecordSink*>& sinks) : sinks_(sinks) {}
  void OnRecord(const RequestRecord& record) override {
    for (RecordSink* sink : sinks_) sink->OnRecord(record);
  }

 private:
  const std::vector<RecordSink*>& sinks_;
};

}  // namespace

// Datasets whose lengths nobody asks for are read, and their errors told, before anything is sent.
class Session::CounterOnDemand final : public TokenCounter {
 public:
  CounterOnDemand(const RunSpec& spec, RunSetting setting) : spec_(spec), setting_(setting) {}
  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    LLMDYNO_RETURN_IF_ERROR(Ask());
    return inner_->CountAll(texts);
  }
  absl::StatusOr<std::vector<std::vector<int32_t>>> TokenIds(
      std::span<const std::string_view> texts) override {
    LLMDYNO_RETURN_IF_ERROR(Ask());
    return inner_->TokenIds(texts);
  }
  void Replace(std::unique_ptr<TokenCounter> counter) { inner_ = std::move(counter); }

 private:
  absl::Status Ask() {
    if (inner_ != nullptr) return absl::OkStatus();
    LLMDYNO_ASSIGN_OR_RETURN(inner_, MakeTokenCounter(spec_, setting_));
    return absl::OkStatus();
  }

  const RunSpec spec_;
  const RunSetting setting_;
  std::unique_ptr<TokenCounter> inner_;
};

Session::Session() = default;
Session::~Session() { StopOnPluginFault(nullptr); }
TokenCounter& Session::counter() { return *counter_; }

std::vector<Transport*> Session::transports() const {
  std::vector<Transport*> transports;
  for (const auto& transport : transports_) transports.push_back(transport.get());
  return transports;
}

Diagnostics ConsoleDiagnostics() {
  return Diagnostics([](Severity severity, std::string_view text) {
    std::fprintf(stderr, "%s: %.*s\n", severity == Severity::kWarning ? "warning" : "note",
                 static_cast<int>(text.size()), text.data());
  });
}

absl::Status Session::Extend(const ExtensionOptions& options) {
  StopOnPluginFault(&control_);
  LLMDYNO_ASSIGN_OR_RETURN(catalog_, MakeCatalog(options, diagnostics_));
  LLMDYNO_ASSIGN_OR_RETURN(extensions_, Extensions::Make(options, catalog_, diagnostics_));
  return absl::OkStatus();
}

absl::Status Session::Open(RunSpec& spec, const EndpointOptions& endpoint, int64_t descriptors,
                           bool must_have_descriptors) {
  SimConfig simulator;
  if (!endpoint.simulate.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(Params params, Params::Parse(endpoint.simulate));
    absl::StatusOr<SimConfig> config = MakeSimConfig(params);
    if (!config.ok()) {
      return absl::InvalidArgumentError("--simulate: " + std::string(config.status().message()));
    }
    simulator = *std::move(config);
  }
  if (endpoint.virtual_time) return OpenVirtual(spec, simulator);
  const int64_t ends =
      endpoint.simulate.empty() ? 1 : 2;  // with a simulator both ends of a connection are ours
  absl::Status raised = RaiseDescriptorLimit(descriptors * ends + kSpareDescriptors);
  if (!raised.ok()) {
    if (must_have_descriptors) return raised;
    diagnostics_.Warn(std::string(raised.message()));
  }
  if (!endpoint.simulate.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(simulator_, SimServer::Start(simulator));
    LLMDYNO_ASSIGN_OR_RETURN(spec.endpoint.url, BaseUrl::Parse(simulator_->base_url()));
  }
  if (spec.shards == 0) spec.shards = AvailableProcessors();
  for (int shard = 0; shard < spec.shards; ++shard) {
    LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport,
                             MakeCurlTransport(spec.transport, *clock_, diagnostics_));
    transports_.push_back(std::move(transport));
  }
  counter_ = std::make_unique<CounterOnDemand>(spec, setting());
  return absl::OkStatus();
}

absl::Status Session::OpenVirtual(RunSpec& spec, const SimConfig& simulator) {
  if (spec.shards > 1) {
    return absl::InvalidArgumentError("--virtual-time runs on one thread: drop --threads " +
                                      std::to_string(spec.shards));
  }
  spec.shards = 1;
  // The clock begins now, so that results lie beside those of real runs in their order.
  virtual_clock_ = std::make_unique<SimulatedClock>(SystemClock().WallNow());
  clock_ = virtual_clock_.get();
  LLMDYNO_ASSIGN_OR_RETURN(spec.endpoint.url, BaseUrl::Parse(std::string(kVirtualUrl)));
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport,
                           MakeVirtualTransport(simulator, *virtual_clock_, spec.transport.limits()));
  transports_.push_back(std::move(transport));
  counter_ = std::make_unique<CounterOnDemand>(spec, setting());
  return absl::OkStatus();
}

Duration Session::ProgressInterval(Duration wanted) const {
  constexpr int kVirtualSecondsPerSecond = 1000;  // roughly what a virtual run makes of a real second
  return virtual_clock_ != nullptr ? kVirtualSecondsPerSecond * wanted : wanted;
}

absl::Status Session::Reach() {
  const std::string_view text = "hello";
  return counter_->CountAll(std::span(&text, 1)).status();
}

absl::Status Session::LearnFromUsage(const RunSpec& spec, const std::shared_ptr<const Dialect>& dialect,
                                     std::span<const std::string_view> texts) {
  const std::string_view text = "hello";
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter_->CountAll(std::span(&text, 1)));
  if (counts.at(0).source != TokenCountSource::kEstimated) return absl::OkStatus();
  const RunContext context{*clock_, {&transport()}, control_, {}, nullptr, {}, diagnostics_};
  LLMDYNO_ASSIGN_OR_RETURN(
      const std::optional<TokenCalibration> calibration,
      CalibrateByUsage(spec.endpoint, dialect, spec.workload.request.body, texts, context));
  if (!calibration) return absl::OkStatus();
  counter_->Replace(MakeCalibratedTokenCounter(*calibration));
  diagnostics_.Note("prompt lengths are judged by what the endpoint's usage said of two requests");
  return absl::OkStatus();
}

absl::Status Session::WarmUp(const RunSpec& spec, const std::vector<RecordSink*>& sinks) {
  if (spec.warm_up_requests == 0) return absl::OkStatus();
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakeWarmUpPlan(spec, setting(), *counter_));
  RecordsOnly sink(sinks);
  std::fprintf(stderr, "warming up with %lld requests\n", static_cast<long long>(spec.warm_up_requests));
  const RunContext context{*clock_, {&transport()}, control_, {&sink}, nullptr, {}, diagnostics_};
  LLMDYNO_ASSIGN_OR_RETURN(const RunResult result, ExecuteRun(plan, context));
  if (result.stop_reason == StopReason::kConsecutiveFailures) {
    return absl::UnavailableError("the warm-up gave up after " +
                                  std::to_string(result.totals.consecutive_failures) +
                                  " failures in a row: " + result.last_failure);
  }
  return absl::OkStatus();
}

}  // namespace llmdyno
