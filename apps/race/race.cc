#include "race/race.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/console_progress.h"
#include "cli/plugin_host.h"
#include "cli/result_folder.h"
#include "cli/run_app.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/trust_options.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/cost/price.h"
#include "llmdyno/experiment/level_run.h"
#include "llmdyno/experiment/repeated_run.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/report/offline_block.h"
#include "llmdyno/report/race_csv.h"
#include "llmdyno/report/race_repetitions.h"
#include "llmdyno/report/race_table.h"
#include "llmdyno/report/spread_text.h"
#include "llmdyno/report/summary_json.h"
#include "llmdyno/run/execute_run.h"
#include "race/race_spec.h"

namespace llmdyno {
namespace {

// One race, step by step.
class Race {
 public:
  Race(RaceOptions& options, const FlagTable& flags) : options_(options), flags_(flags) {}

  absl::StatusOr<ExitStatus> Run();

 private:
  absl::Status CheckDataset() const;
  absl::Status OpenFiles();
  absl::Status OpenCsv(int64_t run);
  absl::Status Repeat(RunPlan first);
  // One race, its CSV included.
  absl::StatusOr<RunResult> RunOnce(RunPlan& plan, int64_t run);
  absl::StatusOr<RunResult> Measure(RunPlan& plan);
  RaceRepetition Judge(const RunResult& result) const;
  void PrintBanner() const;
  RaceReport MakeReport();
  ExitStatus Conclude(const RaceReport& report) const;
  std::string Title() const;
  int64_t Users() const { return std::get<ClosedLoopConfig>(spec_.load).users; }

  RaceOptions& options_;
  const FlagTable& flags_;
  Session session_;
  SelftestFile selftest_;
  RunSpec spec_;
  ResultFolder folder_;
  WallTime started_wall_{};
  TimePoint origin_;
  std::unique_ptr<RecordSink> record_log_;
  std::unique_ptr<RecordSink> csv_;
  RunMetricsBuilder metrics_;  // of the race at hand; of the first with the warm-up
  std::vector<RaceRepetition> repetitions_;
  std::vector<RunResult> results_;  // of each repetition
  std::vector<ReportFile> files_;
};

absl::StatusOr<ExitStatus> Race::Run() {
  LLMDYNO_RETURN_IF_ERROR(session_.Extend(options_.extensions));
  LLMDYNO_ASSIGN_OR_RETURN(spec_, MakeRaceSpec(options_, flags_));
  LLMDYNO_RETURN_IF_ERROR(
      ApplyDialect(options_.extensions, "openai", session_.catalog(), session_.diagnostics(), spec_)
          .status());
  LLMDYNO_RETURN_IF_ERROR(CheckDataset());
  LLMDYNO_ASSIGN_OR_RETURN(selftest_, SelftestFile::Read(options_.trust, session_.diagnostics()));
  LLMDYNO_RETURN_IF_ERROR(session_.Open(spec_, options_.endpoint, Users(), true));
  // An endpoint that is not there is told before the dataset is read.
  LLMDYNO_RETURN_IF_ERROR(session_.Reach());
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakePlan(spec_, session_.setting(), session_.counter()));
  LLMDYNO_RETURN_IF_ERROR(OpenFiles());
  PrintBanner();

  const SignalsToRun signals(session_.control());
  absl::Status status =
      session_.WarmUp(spec_, session_.extensions().WithSinks({record_log_.get(), &metrics_}));
  if (status.ok()) {
    status = Repeat(std::move(plan));
  } else {
    LLMDYNO_RETURN_IF_ERROR(csv_->Close());
  }
  // What a sink could not keep is told when the result is safe.
  absl::Status kept = session_.extensions().Close();
  LLMDYNO_RETURN_IF_ERROR(record_log_->Close());
  LLMDYNO_RETURN_IF_ERROR(status);

  const RaceReport report = MakeReport();
  if (options_.is_offline()) std::printf("%s\n", FormatOfflineBlock(report).c_str());
  std::printf("%s", FormatRaceTable(report).c_str());
  std::printf("\nResults: %s\n", folder_.path.c_str());
  LLMDYNO_RETURN_IF_ERROR(WriteSummaryJson(folder_.File("summary.json"), report));
  kept.Update(session_.extensions().WriteReports({"llmdyno-race", SummaryJson(report)}, folder_.File(""),
                                                 report.files));
  LLMDYNO_RETURN_IF_ERROR(kept);
  return StrictStatus(options_.trust, Conclude(report), report.validity->valid, "llmdyno-race");
}

// Before anything is sent: MakePlan would find it out only after the endpoint was asked for its tokenizer.
absl::Status Race::CheckDataset() const {
  const std::string flag = options_.extensions.workload.empty() ? "--dataset" : "--workload";
  return CheckWorkloadName(flag, options_.dataset, session_.catalog());
}

absl::Status Race::OpenFiles() {
  started_wall_ = session_.clock().WallNow();
  origin_ = session_.clock().Now();
  LLMDYNO_ASSIGN_OR_RETURN(folder_, MakeResultFolder(options_.output_dir, "million-tokens-", "%Y%m%d-%H%M%S",
                                                     started_wall_, "output-dir"));
  files_ = {
      {"csv", ""}, {"records", folder_.File("records.jsonl")}, {"summary", folder_.File("summary.json")}};
  LLMDYNO_RETURN_IF_ERROR(OpenCsv(0));
  NoteRecordsFile(files_[1].path);
  LLMDYNO_ASSIGN_OR_RETURN(
      record_log_, OpenRecordLog(files_[1].path, {origin_, started_wall_, flags_.ConfigurationJson()}));
  return session_.extensions().OpenSinks(
      {folder_.path, origin_, started_wall_, flags_.ConfigurationJson(), session_.diagnostics()});
}

// Each repetition has a CSV of its own: its columns have no room for a number, and its readers add all rows
// up.
absl::Status Race::OpenCsv(int64_t run) {
  const std::string number = run == 0 ? "" : "-" + std::to_string(run + 1);
  const std::string path =
      folder_.File(options_.engine + "-" + folder_.stamp + "-million-tokens" + number + ".csv");
  if (run == 0) {
    files_.front().path = path;
  } else {
    files_.push_back({"csv_" + std::to_string(run + 1), path});
  }
  LLMDYNO_ASSIGN_OR_RETURN(csv_, OpenRaceCsv({path, origin_, started_wall_, options_.save_text}));
  return absl::OkStatus();
}

absl::Status Race::Repeat(RunPlan first) {
  const RunContext idle{session_.clock(), session_.transports(), session_.control(), {}, nullptr, {}, {}};
  // What the dataset is was told with the first plan.
  const Diagnostics warnings_only([this](Severity severity, std::string_view text) {
    if (severity == Severity::kWarning) session_.diagnostics().Warn(text);
  });
  const RunSetting quiet{session_.catalog(), session_.transport(), session_.clock(), warnings_only};
  return RunRepeated({.runs = options_.repeat},
                     {[&](int64_t run) -> absl::StatusOr<RunPlan> {
                        if (run == 0) return std::move(first);
                        return MakePlan(spec_, quiet, session_.counter());
                      },
                      [&](RunPlan& plan, int64_t run) { return RunOnce(plan, run); },
                      [&](Duration time) { return Pause(time, idle); }})
      .status();
}

absl::StatusOr<RunResult> Race::RunOnce(RunPlan& plan, int64_t run) {
  if (run > 0) {
    metrics_ = RunMetricsBuilder();
    LLMDYNO_RETURN_IF_ERROR(OpenCsv(run));
  }
  absl::StatusOr<RunResult> result = Measure(plan);
  LLMDYNO_RETURN_IF_ERROR(csv_->Close());
  LLMDYNO_RETURN_IF_ERROR(result.status());
  results_.push_back(*result);
  repetitions_.push_back(Judge(*result));
  if (options_.repeat > 1) {
    const RaceRepetition& ended = repetitions_.back();
    std::fputs(FormatRepetitionLine(run, options_.repeat, ended.metrics, ended.validity.valid).c_str(),
               stderr);
  }
  return result;
}

std::string Race::Title() const {
  if (options_.target_tokens) return "Race to " + WithThousands(*options_.target_tokens) + " output tokens";
  if (options_.num_requests) return "Offline batch of " + WithThousands(*options_.num_requests) + " requests";
  return "Race for " + ToString(*options_.duration);
}

void Race::PrintBanner() const {
  std::fprintf(stderr, "%s%s\n  endpoint  %s\n  model     %s   engine %s\n",
               session_.is_simulated() ? "SIMULATED: " : "", Title().c_str(),
               ToString(spec_.endpoint.url).c_str(), spec_.endpoint.model.c_str(), options_.engine.c_str());
  std::fprintf(stderr, "  load      %lld users, %g started a second; at most %lld tokens an answer\n",
               static_cast<long long>(Users()), options_.spawn_rate,
               static_cast<long long>(*options_.max_tokens));
  std::fprintf(stderr, "  prompts   %s, %lld to %lld tokens, seed %lld\n  files     %s\n",
               options_.dataset.c_str(), static_cast<long long>(options_.prompt_min_tokens),
               static_cast<long long>(options_.prompt_max_tokens), static_cast<long long>(options_.seed),
               folder_.path.c_str());
}

absl::StatusOr<RunResult> Race::Measure(RunPlan& plan) {
  ProgressSnapshot targets;
  targets.target_tokens = options_.target_tokens;
  targets.target_requests = options_.num_requests;
  targets.target_duration = options_.duration;
  targets.is_simulated = session_.is_simulated();
  ConsoleProgress progress(targets, options_.plain);
  const RunContext context{session_.clock(),
                           session_.transports(),
                           session_.control(),
                           session_.extensions().WithSinks({&metrics_, csv_.get(), record_log_.get()}),
                           [&](const RunProgress& now) { progress.OnProgress(now); },
                           session_.ProgressInterval(progress.interval()),
                           session_.diagnostics()};
  absl::StatusOr<RunResult> result = ExecuteRun(plan, context);
  progress.Finish();
  return result;
}

RaceRepetition Race::Judge(const RunResult& result) const {
  RaceRepetition repetition;
  repetition.metrics = metrics_.Build({.users = Users(),
                                       .all_users_active_at = result.all_users_active_at,
                                       .expects_requested_length = spec_.dialect.ignore_eos});
  repetition.health = ClientHealthOf(repetition.metrics, result);
  repetition.validity = JudgeValidity(repetition.health);
  return repetition;
}

RaceReport Race::MakeReport() {
  RaceReport report;
  report.title = Title();
  report.engine = options_.engine;
  report.model = spec_.endpoint.model;
  report.endpoint = ToString(spec_.endpoint.url);
  report.is_simulated = session_.is_simulated();
  report.users = Users();
  report.seed = spec_.seed;
  report.configuration_json = flags_.ConfigurationJson();
  report.provenance = {LLMDYNO_VERSION, __VERSION__, started_wall_};
  TakeRepetitions(std::move(repetitions_), report);
  const RunResult& result = results_[static_cast<size_t>(report.repetition)];
  report.measurement_errors = selftest_.ErrorsAt(
      {.in_flight = result.peak_in_flight, .tokens_per_second = report.metrics.output_tokens_per_second});
  if (options_.price_per_hour) {
    report.cost = CostOf(MicroUsd::FromUsd(*options_.price_per_hour), report.metrics);
  }
  report.files = files_;
  return report;
}

ExitStatus Race::Conclude(const RaceReport& report) const {
  // A repetition that does not end well is the last one.
  const RunResult& result = results_.back();
  const auto complain = [](const std::string& text) { Complain("llmdyno-race", text); };
  switch (result.stop_reason) {
    case StopReason::kInterrupted:
      return SignalsToRun::received() == SIGTERM ? kExitTerminated : kExitInterrupted;
    case StopReason::kPluginFault:
      return kExitPluginFault;
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
  if (report.metrics.successful == 0) {
    complain("not one request succeeded; the last failure: " + result.last_failure);
    return kExitEndpoint;
  }
  return kExitOk;
}

}  // namespace

absl::StatusOr<ExitStatus> RunRace(RaceOptions& options, const FlagTable& flags) {
  return Race(options, flags).Run();
}

}  // namespace llmdyno
