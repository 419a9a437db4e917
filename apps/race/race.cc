#include "race/race.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/console_progress.h"
#include "cli/descriptor_limit.h"
#include "cli/signals.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/cost/price.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/report/offline_block.h"
#include "llmdyno/report/race_csv.h"
#include "llmdyno/report/race_table.h"
#include "llmdyno/report/summary_json.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/sim/sim_server.h"
#include "race/race_spec.h"
#include "race/result_folder.h"

namespace llmdyno {
namespace {

// Descriptors beside those of the streams: files, epoll, the resolver's threads.
constexpr int64_t kSpareDescriptors = 64;

Diagnostics ConsoleDiagnostics() {
  return Diagnostics([](Severity severity, std::string_view text) {
    std::fprintf(stderr, "%s: %.*s\n", severity == Severity::kWarning ? "warning" : "note",
                 static_cast<int>(text.size()), text.data());
  });
}

// One race, step by step.
class Race {
 public:
  Race(RaceOptions& options, const FlagTable& flags) : options_(options), flags_(flags) {}

  absl::StatusOr<ExitStatus> Run();

 private:
  absl::Status CheckDataset() const;
  absl::Status StartSimulator();
  absl::Status OpenFiles();
  absl::Status WarmUp(TokenCounter& counter);
  absl::StatusOr<RunResult> Measure(RunPlan& plan);
  absl::Status CloseFiles();
  void PrintBanner() const;
  RaceReport MakeReport(const RunResult& result) const;
  ExitStatus Conclude(const RunResult& result, const RunMetrics& metrics) const;
  RunSetting Setting() { return {catalog_, *transport_, clock_, diagnostics_}; }
  std::string Title() const;
  int64_t Users() const { return std::get<ClosedLoopConfig>(spec_.load).users; }

  RaceOptions& options_;
  const FlagTable& flags_;
  const Clock& clock_ = SystemClock();
  const Diagnostics diagnostics_ = ConsoleDiagnostics();
  const Catalog catalog_ = MakeBuiltInCatalog();
  RunSpec spec_;
  RunControl control_;
  std::unique_ptr<SimServer> simulator_;
  std::unique_ptr<Transport> transport_;
  ResultFolder folder_;
  WallTime started_wall_{};
  std::unique_ptr<RecordSink> record_log_;
  std::unique_ptr<RecordSink> csv_;
  RunMetricsBuilder metrics_;
  std::vector<ReportFile> files_;
};

absl::StatusOr<ExitStatus> Race::Run() {
  LLMDYNO_ASSIGN_OR_RETURN(spec_, MakeRaceSpec(options_, flags_));
  LLMDYNO_RETURN_IF_ERROR(CheckDataset());
  LLMDYNO_RETURN_IF_ERROR(
      RaiseDescriptorLimit(Users() * (options_.simulate.empty() ? 1 : 2) + kSpareDescriptors));
  if (!options_.simulate.empty()) LLMDYNO_RETURN_IF_ERROR(StartSimulator());
  LLMDYNO_ASSIGN_OR_RETURN(transport_, MakeCurlTransport(spec_.transport, clock_, diagnostics_));
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<TokenCounter> counter, MakeTokenCounter(spec_, Setting()));
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakePlan(spec_, Setting(), *counter));
  LLMDYNO_RETURN_IF_ERROR(OpenFiles());
  PrintBanner();

  const SignalsToRun signals(control_);
  absl::Status failure;
  if (spec_.warm_up_requests > 0) failure = WarmUp(*counter);
  absl::StatusOr<RunResult> result = failure.ok() ? Measure(plan) : failure;
  LLMDYNO_RETURN_IF_ERROR(CloseFiles());
  if (!result.ok()) return std::move(result).status();

  const RaceReport report = MakeReport(*result);
  if (options_.is_offline()) std::printf("%s\n", FormatOfflineBlock(report).c_str());
  std::printf("%s", FormatRaceTable(report).c_str());
  std::printf("\nResults: %s\n", folder_.path.c_str());
  LLMDYNO_RETURN_IF_ERROR(WriteSummaryJson(folder_.File("summary.json"), report));
  return Conclude(*result, report.metrics);
}

// Before anything is sent: MakePlan would find it out only after the endpoint was asked for its tokenizer.
absl::Status Race::CheckDataset() const {
  const std::string name = options_.dataset.substr(0, options_.dataset.find(':'));
  if (catalog_.workloads.Find(name) != nullptr) return absl::OkStatus();
  std::string known;
  for (const std::string& each : catalog_.workloads.Names()) known += (known.empty() ? "" : ", ") + each;
  std::string text = "--dataset: expected one of " + known + ", got '" + name + "'";
  if (const auto nearest = FindNearestName(name, catalog_.workloads.Names())) {
    text += "; did you mean '" + *nearest + "'?";
  }
  return absl::InvalidArgumentError(text);
}

absl::Status Race::StartSimulator() {
  LLMDYNO_ASSIGN_OR_RETURN(Params params, Params::Parse(options_.simulate));
  absl::StatusOr<SimConfig> config = MakeSimConfig(params);
  if (!config.ok()) {
    return absl::InvalidArgumentError("--simulate: " + std::string(config.status().message()));
  }
  LLMDYNO_ASSIGN_OR_RETURN(simulator_, SimServer::Start(*config));
  LLMDYNO_ASSIGN_OR_RETURN(spec_.endpoint.url, BaseUrl::Parse(simulator_->base_url()));
  return absl::OkStatus();
}

absl::Status Race::OpenFiles() {
  started_wall_ = clock_.WallNow();
  const TimePoint origin = clock_.Now();
  LLMDYNO_ASSIGN_OR_RETURN(folder_, MakeResultFolder(options_.output_dir, started_wall_));
  const std::string csv = options_.engine + "-" + folder_.stamp + "-million-tokens.csv";
  files_ = {{"csv", folder_.File(csv)},
            {"records", folder_.File("records.jsonl")},
            {"summary", folder_.File("summary.json")}};
  LLMDYNO_ASSIGN_OR_RETURN(csv_, OpenRaceCsv({files_[0].path, origin, started_wall_, options_.save_text}));
  LLMDYNO_ASSIGN_OR_RETURN(
      record_log_, OpenRecordLog(files_[1].path, {origin, started_wall_, flags_.ConfigurationJson()}));
  return absl::OkStatus();
}

std::string Race::Title() const {
  if (options_.target_tokens) return "Race to " + WithThousands(*options_.target_tokens) + " output tokens";
  if (options_.num_requests) return "Offline batch of " + WithThousands(*options_.num_requests) + " requests";
  return "Race for " + ToString(*options_.duration);
}

void Race::PrintBanner() const {
  std::fprintf(stderr, "%s%s\n  endpoint  %s\n  model     %s   engine %s\n", simulator_ ? "SIMULATED: " : "",
               Title().c_str(), ToString(spec_.endpoint.url).c_str(), options_.model.c_str(),
               options_.engine.c_str());
  std::fprintf(stderr, "  load      %lld users, %g started a second; at most %lld tokens an answer\n",
               static_cast<long long>(Users()), options_.spawn_rate,
               static_cast<long long>(*options_.max_tokens));
  std::fprintf(stderr, "  prompts   %s, %lld to %lld tokens, seed %lld\n  files     %s\n",
               options_.dataset.c_str(), static_cast<long long>(options_.prompt_min_tokens),
               static_cast<long long>(options_.prompt_max_tokens), static_cast<long long>(options_.seed),
               folder_.path.c_str());
}

absl::Status Race::WarmUp(TokenCounter& counter) {
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakeWarmUpPlan(spec_, Setting(), counter));
  // The log keeps warm-up requests under their phase and the metrics count them; no figure includes them. A
  // finish line of theirs would be taken for the race's, so both hear of records only.
  class WarmUpSink final : public RecordSink {
   public:
    WarmUpSink(RecordSink& log, RecordSink& metrics) : log_(log), metrics_(metrics) {}
    void OnRecord(const RequestRecord& record) override {
      log_.OnRecord(record);
      metrics_.OnRecord(record);
    }

   private:
    RecordSink& log_;
    RecordSink& metrics_;
  } sink(*record_log_, metrics_);
  std::fprintf(stderr, "warming up with %lld requests\n", static_cast<long long>(spec_.warm_up_requests));
  const RunContext context{clock_, *transport_, control_, {&sink}, nullptr, {}, diagnostics_};
  LLMDYNO_ASSIGN_OR_RETURN(const RunResult result, ExecuteRun(plan, context));
  if (result.stop_reason == StopReason::kConsecutiveFailures) {
    return absl::UnavailableError("the warm-up gave up after " +
                                  std::to_string(result.totals.consecutive_failures) +
                                  " failures in a row: " + result.last_failure);
  }
  return absl::OkStatus();
}

absl::StatusOr<RunResult> Race::Measure(RunPlan& plan) {
  ProgressSnapshot targets;
  targets.target_tokens = options_.target_tokens;
  targets.target_requests = options_.num_requests;
  targets.target_duration = options_.duration;
  targets.is_simulated = simulator_ != nullptr;
  ConsoleProgress progress(targets, options_.plain);
  const RunContext context{clock_,
                           *transport_,
                           control_,
                           {&metrics_, csv_.get(), record_log_.get()},
                           [&](const RunProgress& now) { progress.OnProgress(now); },
                           progress.interval(),
                           diagnostics_};
  absl::StatusOr<RunResult> result = ExecuteRun(plan, context);
  progress.Finish();
  return result;
}

absl::Status Race::CloseFiles() {
  const absl::Status log = record_log_->Close();
  const absl::Status csv = csv_->Close();
  return log.ok() ? csv : log;
}

RaceReport Race::MakeReport(const RunResult& result) const {
  RaceReport report;
  report.title = Title();
  report.engine = options_.engine;
  report.model = options_.model;
  report.endpoint = ToString(spec_.endpoint.url);
  report.is_simulated = simulator_ != nullptr;
  report.users = Users();
  report.seed = spec_.seed;
  report.configuration_json = flags_.ConfigurationJson();
  report.provenance = {LLMDYNO_VERSION, __VERSION__, started_wall_};
  report.metrics = metrics_.Build({.users = Users(),
                                   .all_users_active_at = result.all_users_active_at,
                                   .expects_requested_length = spec_.dialect.ignore_eos});

  const TransportStats stats = transport_->Stats();
  report.health = ClientHealthFromRecords(report.metrics);
  report.health.read_lag_p50 = stats.read_lag_p50;
  report.health.read_lag_p99 = stats.read_lag_p99;
  report.health.read_lag_max = stats.read_lag_max;
  report.health.wall_clock_steps = stats.wall_clock_steps;
  report.health.descriptor_failures = stats.descriptor_failures;
  const Duration elapsed = result.finish_line - result.started_at;
  if (elapsed > Duration::zero()) {
    report.health.loop_cpu_share = ToSeconds(result.loop_cpu_time) / ToSeconds(elapsed);
  }
  report.validity = JudgeValidity(report.health);
  if (options_.price_per_hour) {
    report.cost = CostOf(MicroUsd::FromUsd(*options_.price_per_hour), report.metrics);
  }
  report.files = files_;
  return report;
}

ExitStatus Race::Conclude(const RunResult& result, const RunMetrics& metrics) const {
  const auto complain = [](const std::string& text) {
    std::fprintf(stderr, "llmdyno-race: %s\n", text.c_str());
  };
  switch (result.stop_reason) {
    case StopReason::kInterrupted:
      return SignalsToRun::received() == SIGTERM ? kExitTerminated : kExitInterrupted;
    case StopReason::kConsecutiveFailures:
      complain("gave up on " + ToString(spec_.endpoint.url) + " after " +
               std::to_string(result.totals.consecutive_failures) +
               " failures in a row: " + result.last_failure);
      return kExitEndpoint;
    case StopReason::kMaxDuration:
      complain("the target was not reached within --max-duration");
      return kExitSafetyLimit;
    default:
      break;
  }
  if (metrics.successful == 0) {
    complain("not one request succeeded; the last failure: " + result.last_failure);
    return kExitEndpoint;
  }
  return kExitOk;
}

}  // namespace

ExitStatus RunRace(RaceOptions& options, const FlagTable& flags) {
  const absl::StatusOr<ExitStatus> exit = Race(options, flags).Run();
  if (exit.ok()) return *exit;
  std::fprintf(stderr, "llmdyno-race: %s\n", std::string(exit.status().message()).c_str());
  return ExitStatusOf(exit.status());
}

}  // namespace llmdyno
