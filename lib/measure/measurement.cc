#include "llmdyno/measure/measurement.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/experiment/level_run.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/metrics/serving_metrics_builder.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/run/run.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {
namespace {

int AvailableProcessors() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

// A finish line of the warm-up would be taken for the run's: its sinks hear of records only.
class RecordsOnly final : public RecordSink {
 public:
  void OnRecord(const RequestRecord& record) override {
    for (RecordSink* sink : sinks) sink->OnRecord(record);
  }
  std::vector<RecordSink*> sinks;
};

class SpecMeasurement final : public Measurement {
 public:
  SpecMeasurement(RunSpec spec, MeasurementOptions options)
      : spec_(std::move(spec)),
        options_(std::move(options)),
        catalog_(options_.catalog != nullptr ? Catalog() : MakeBuiltInCatalog()),
        clock_(options_.clock != nullptr ? *options_.clock : SystemClock()),
        control_(options_.control != nullptr ? *options_.control : own_control_) {}

  absl::Status Prepare();
  bool Step(TimePoint deadline) override;
  MeasurementProgress Progress() const override;
  RunControl& control() override { return control_; }
  const Clock& clock() const override { return clock_; }
  absl::StatusOr<MeasurementResult> Finish() override;

 private:
  absl::Status OpenTransports();
  absl::Status BeginPhase();
  absl::Status EndPhase();
  RunContext Context();
  void Judge();
  bool is_open_loop() const { return std::holds_alternative<OpenLoopConfig>(spec_.load); }

  RunSpec spec_;
  const MeasurementOptions options_;
  const Catalog catalog_;  // empty when the host brought one
  const Clock& clock_;
  RunControl own_control_;
  RunControl& control_;
  std::vector<std::unique_ptr<Transport>> own_transports_;
  std::vector<Transport*> transports_;
  std::unique_ptr<TokenCounter> counter_;

  std::optional<RunPlan> warm_up_;   // to be run
  std::optional<RunPlan> measured_;  // likewise
  RunPhase phase_ = RunPhase::kMeasured;
  RunMetricsBuilder metrics_;      // of a closed loop
  ServingMetricsBuilder serving_;  // of an open loop, as is the next
  BacklogMeter backlog_;
  SteadyStateMeter steady_;
  RecordsOnly warm_up_sink_;
  absl::Status status_;
  std::optional<MeasurementResult> result_;
  std::unique_ptr<Run> run_;  // destroyed first: it tells the sinks of what it cancels
};

absl::Status SpecMeasurement::Prepare() {
  LLMDYNO_RETURN_IF_ERROR(spec_.Validate());
  if (options_.progress_interval <= Duration::zero()) {
    return absl::InvalidArgumentError("the interval of progress must be more than 0s");
  }
  LLMDYNO_RETURN_IF_ERROR(OpenTransports());
  const RunSetting setting{options_.catalog != nullptr ? *options_.catalog : catalog_, *transports_.front(),
                           clock_, options_.diagnostics};
  serving_ = ServingMetricsBuilder({.expects_requested_length = spec_.dialect.ignore_eos});
  LLMDYNO_ASSIGN_OR_RETURN(counter_, MakeTokenCounter(spec_, setting));
  LLMDYNO_ASSIGN_OR_RETURN(measured_, MakePlan(spec_, setting, *counter_));
  if (spec_.warm_up_requests > 0) {
    LLMDYNO_ASSIGN_OR_RETURN(warm_up_, MakeWarmUpPlan(spec_, setting, *counter_));
    phase_ = RunPhase::kWarmUp;
  }
  return absl::OkStatus();
}

absl::Status SpecMeasurement::OpenTransports() {
  if ((options_.transport == nullptr) != (options_.clock == nullptr) ||
      (options_.transport != nullptr && spec_.shards > 1)) {
    return absl::InvalidArgumentError(
        "a transport of the host's and the clock that it goes by belong together, with one thread");
  }
  if (options_.transport != nullptr) {
    spec_.shards = 1;
    transports_ = {options_.transport};
    return absl::OkStatus();
  }
  if (spec_.shards == 0) spec_.shards = AvailableProcessors();
  for (int shard = 0; shard < spec_.shards; ++shard) {
    LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport,
                             MakeCurlTransport(spec_.transport, clock_, options_.diagnostics));
    transports_.push_back(transport.get());
    own_transports_.push_back(std::move(transport));
  }
  return absl::OkStatus();
}

RunContext SpecMeasurement::Context() {
  RunContext context{clock_, transports_, control_, {}, nullptr, {}, options_.diagnostics};
  if (is_open_loop()) {
    context.sinks = {&serving_, &backlog_, &steady_};
  } else {
    context.sinks = {&metrics_, &steady_};
  }
  context.sinks.insert(context.sinks.end(), options_.sinks.begin(), options_.sinks.end());
  if (options_.on_progress) {
    context.on_progress = [this](const RunProgress& now) { options_.on_progress({phase_, now}); };
  }
  context.progress_interval = options_.progress_interval;
  return context;
}

// The clock of a phase starts with the step that begins it, so that a host may take its time after Begin.
absl::Status SpecMeasurement::BeginPhase() {
  RunContext context = Context();
  std::optional<RunPlan>& plan = phase_ == RunPhase::kWarmUp ? warm_up_ : measured_;
  if (phase_ == RunPhase::kWarmUp) {
    warm_up_sink_.sinks = std::exchange(context.sinks, {&warm_up_sink_});
    // It is few requests; what several threads send of them would be in no known order.
    context.transports = {transports_.front()};
  }
  LLMDYNO_ASSIGN_OR_RETURN(run_, Run::Begin(*std::exchange(plan, std::nullopt), std::move(context)));
  return absl::OkStatus();
}

absl::Status SpecMeasurement::EndPhase() {
  LLMDYNO_ASSIGN_OR_RETURN(RunResult result, run_->Finish());
  run_.reset();
  if (phase_ == RunPhase::kWarmUp) {
    phase_ = RunPhase::kMeasured;
    if (result.stop_reason != StopReason::kConsecutiveFailures) return absl::OkStatus();
    return absl::UnavailableError("the warm-up gave up after " +
                                  std::to_string(result.totals.consecutive_failures) +
                                  " failures in a row: " + result.last_failure);
  }
  result_.emplace();
  result_->run = std::move(result);
  Judge();
  return absl::OkStatus();
}

bool SpecMeasurement::Step(TimePoint deadline) {
  if (!status_.ok() || result_) return false;
  if (run_ == nullptr) status_ = BeginPhase();
  if (!status_.ok()) return false;
  if (run_->Step(deadline)) return true;
  status_ = EndPhase();
  return status_.ok() && !result_;
}

MeasurementProgress SpecMeasurement::Progress() const {
  if (run_ != nullptr) return {phase_, run_->Progress()};
  MeasurementProgress progress{phase_, {}};
  if (result_) {
    progress.run.totals = result_->run.totals;
    progress.run.draining = true;
  }
  return progress;
}

absl::StatusOr<MeasurementResult> SpecMeasurement::Finish() {
  if (status_.ok() && !result_) {
    control_.Abort();
    while (Step(clock_.Now())) {
    }
  }
  LLMDYNO_RETURN_IF_ERROR(status_);
  return *result_;
}

void SpecMeasurement::Judge() {
  MeasurementResult& result = *result_;
  result.started_at = clock_.WallNow() - (clock_.Now() - result.run.started_at);
  result.spec = spec_;
  result.spec.endpoint.api_key = Secret();
  result.spec.endpoint.headers.clear();
  const auto* closed = std::get_if<ClosedLoopConfig>(&spec_.load);
  if (closed != nullptr) {
    result.metrics = metrics_.Build({.users = closed->users,
                                     .run_started_at = result.run.started_at,
                                     .all_users_active_at = result.run.all_users_active_at,
                                     .expects_requested_length = spec_.dialect.ignore_eos});
  } else {
    result.serving = serving_.Build();
    result.metrics = result.serving->all;
    result.backlog = backlog_.Trend();
  }
  result.steady = steady_.Build();
  result.health = ClientHealthOf(result.metrics, result.run);
  result.validity =
      JudgeValidity(result.health, {}, closed != nullptr ? LoadLever::kUsers : LoadLever::kRate);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Measurement>> Measurement::Begin(RunSpec spec, MeasurementOptions options) {
  auto measurement = std::make_unique<SpecMeasurement>(std::move(spec), std::move(options));
  LLMDYNO_RETURN_IF_ERROR(measurement->Prepare());
  return measurement;
}

absl::StatusOr<MeasurementResult> Measure(RunSpec spec, MeasurementOptions options) {
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<Measurement> measurement,
                           Measurement::Begin(std::move(spec), std::move(options)));
  while (measurement->Step(kEndOfTime)) {
  }
  return measurement->Finish();
}

}  // namespace llmdyno
