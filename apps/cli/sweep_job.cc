#include "cli/sweep_job.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cli/level_progress.h"
#include "cli/run_app.h"
#include "cli/signals.h"
#include "cli/sweep_files.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/experiment/sweep_eta.h"
#include "llmdyno/load/closed_loop.h"
#include "llmdyno/report/sweep_json.h"
#include "llmdyno/report/sweep_plot.h"
#include "llmdyno/report/sweep_table.h"
#include "llmdyno/workload/prepared_source.h"

namespace llmdyno {
namespace {

std::string ListOf(const std::vector<int64_t>& values) {
  std::string list;
  for (const int64_t value : values) list += (list.empty() ? "" : ",") + std::to_string(value);
  return list;
}

// Nobody wants to know an estimate to the millisecond.
std::string RoundedText(Duration time) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(time);
  return ToString(seconds < std::chrono::minutes(2)
                      ? Duration(seconds)
                      : Duration(std::chrono::round<std::chrono::minutes>(time)));
}

// A few lines: endpoint, model, what is sent, at which levels.
std::string Banner(const SweepReport& report) {
  std::string text = std::string(report.is_simulated ? "SIMULATED: " : "") + report.title + "\n";
  text += "  endpoint  " + report.endpoint + "\n  model     " + report.model + "\n  requests  ";
  text += !report.scenario.empty() ? report.scenario : report.prompt_source;
  if (report.num_images > 0) {
    text += ", " + std::to_string(report.num_images) + " pictures of " + report.image_size;
  }
  text += report.is_sustained ? "\n  load      " + ListOf(report.sweep_values) + " in flight"
                              : "\n  load      batches of " + ListOf(report.sweep_values);
  text += ", " + std::to_string(report.num_runs) + (report.num_runs == 1 ? " run" : " runs") + " each\n";
  if (!report.kept_levels.empty()) {
    text += "  resumed   " + std::to_string(report.kept_levels.size()) + " levels are there already\n";
  }
  for (const ReportFile& file : report.files) {
    text += "  " + file.kind + std::string(file.kind.size() < 10 ? 10 - file.kind.size() : 1, ' ') +
            file.path + "\n";
  }
  return text;
}

class SweepRunner {
 public:
  SweepRunner(SweepJob job, Session& session)
      : job_(std::move(job)), session_(session), report_(std::move(job_.report)) {}

  absl::StatusOr<ExitStatus> Run();

 private:
  absl::Status Measure();
  absl::StatusOr<RunPlan> MakePlan(const SweepLevel& level, int64_t run);
  absl::Status FileLevel(const SweepLevel& level, const SweepLevelRun& run);
  std::vector<MeasurementErrorNote> ErrorsOf(const SweepLevelRun& run) const;
  void ShowProgress(int64_t index, int64_t run, const RunProgress& progress);
  absl::Status Conclude();
  absl::Status OpenSinks();
  absl::Status WriteReports();
  ExitStatus Status() const;
  bool IsKept(const std::string& key) const;

  SweepJob job_;
  Session& session_;
  SweepReport report_;
  SweepFiles files_;
  SweepConfig to_run_;  // the levels that are not kept from an earlier run
  std::unique_ptr<SweepEta> eta_;
  std::unique_ptr<LevelProgress> progress_;
  std::pair<int64_t, int64_t> shown_{-1, -1};  // level and run of the progress line
  int64_t prepared_ = 0;                       // requests of the latest run
  int64_t most_passes_ = 1;                    // how often any run went through its own
  bool interrupted_ = false;
  std::optional<std::string> cut_before_it_began_;  // the level whose first run was being prepared
  std::string refusal_;
  std::string last_failure_;
};

absl::StatusOr<ExitStatus> SweepRunner::Run() {
  std::vector<std::string> keys;
  for (const SweepLevel& level : job_.sweep.levels) keys.push_back(level.key);
  LLMDYNO_ASSIGN_OR_RETURN(files_, OpenSweepFiles(job_.results_file, job_.resume, keys, session_.clock(),
                                                  session_.diagnostics(), report_));
  std::fputs(Banner(report_).c_str(), stderr);
  const SignalsToRun signals(session_.control());
  const absl::Status measured = Measure();
  progress_.reset();
  const absl::Status concluded = Conclude();
  if (!measured.ok()) return measured;
  if (!concluded.ok()) return concluded;
  return StrictStatus(job_.trust, Status(), SuspectLevels(report_).empty(), job_.program);
}

bool SweepRunner::IsKept(const std::string& key) const {
  for (const KeptLevel& level : report_.kept_levels) {
    if (level.key == key) return true;
  }
  return false;
}

absl::Status SweepRunner::Measure() {
  to_run_ = job_.sweep;
  std::erase_if(to_run_.levels, [&](const SweepLevel& level) { return IsKept(level.key); });
  if (to_run_.levels.empty()) return absl::OkStatus();
  LLMDYNO_RETURN_IF_ERROR(OpenSinks());
  eta_ = std::make_unique<SweepEta>(to_run_);
  SweepSteps steps;
  steps.make_plan = [&](const SweepLevel& level, int64_t /*index*/, int64_t run) {
    return MakePlan(level, run);
  };
  steps.level_ended = [&](const SweepLevel& level, int64_t /*index*/, const SweepLevelRun& run) {
    return FileLevel(level, run);
  };
  steps.on_progress = [&](int64_t index, int64_t run, const RunProgress& progress) {
    ShowProgress(index, run, progress);
  };
  steps.run_ended = [&](int64_t index, int64_t run, const SweepRunEnd& end) {
    // All vectors of the benchmark are to be equally long, not only those of a run.
    if (end.result.dimension) job_.dimension = end.result.dimension;
    eta_->OnRunEnded(index, run, end.result.drained_at - end.result.started_at);
  };
  steps.progress_interval = session_.ProgressInterval(LevelProgress("", 0, {}, job_.plain).interval());
  const RunContext context{session_.clock(),
                           session_.transports(),
                           session_.control(),
                           session_.extensions().WithSinks({files_.record_log.get()}),
                           nullptr,
                           {},
                           session_.diagnostics()};
  LLMDYNO_ASSIGN_OR_RETURN(const SweepResult result, RunSweep(to_run_, steps, context));
  report_.skipped = result.skipped;
  report_.skip_reason = result.skip_reason;
  if (cut_before_it_began_) {
    report_.skipped.insert(report_.skipped.begin(), *cut_before_it_began_);
    report_.skip_reason = "interrupted";
  }
  interrupted_ = result.interrupted;
  refusal_ = result.refusal;
  return absl::OkStatus();
}

absl::StatusOr<RunPlan> SweepRunner::MakePlan(const SweepLevel& level, int64_t run) {
  const bool is_warm_up = run < 0;
  progress_.reset();  // what preparing says has a line of its own
  absl::StatusOr<std::vector<Request>> prepared = job_.prepare(level, run);
  // The user did not want to wait for them: a run without requests, which ends at once as interrupted.
  if (absl::IsCancelled(prepared.status())) prepared.emplace();
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<Request> requests, std::move(prepared));
  if (!requests.empty()) prepared_ = std::ssize(requests);
  RunPlan plan;
  plan.endpoint = job_.run.endpoint;
  plan.dialect = job_.dialect;
  plan.keep_texts = job_.run.keep_texts;
  plan.dimension = job_.dimension;
  plan.retry = job_.retry;
  plan.stop = job_.run.stop;
  const bool ends_by_clock = !is_warm_up && level.duration.has_value();
  if (ends_by_clock) {
    plan.stop.duration = level.duration;
    // What is under way when the time is over belongs to the run.
    plan.drain_timeout = job_.run.transport.total_timeout;
  } else if (!requests.empty()) {
    plan.stop.requests = prepared_;
  }
  if (!is_warm_up && job_.make_load) {
    LLMDYNO_ASSIGN_OR_RETURN(plan.load, job_.make_load(level));
  } else {
    const ClosedLoopConfig load{.users = is_warm_up ? 1 : level.in_flight, .ramp_users_per_second = 0};
    LLMDYNO_ASSIGN_OR_RETURN(plan.load,
                             MakeClosedLoop(load, RandomStreams(job_.run.seed).Stream("back-off")));
  }
  plan.source = MakePreparedSource(std::move(requests), ends_by_clock);
  return plan;
}

absl::Status SweepRunner::FileLevel(const SweepLevel& level, const SweepLevelRun& run) {
  progress_.reset();
  if (run.interrupted && run.metrics.requests == 0) {
    cut_before_it_began_ = level.key;
    return absl::OkStatus();
  }
  SweepLevelReport filed;
  filed.key = level.key;
  filed.in_flight = level.in_flight;
  for (size_t i = 0; i < job_.cells.size(); ++i) {
    if (job_.sweep.levels[i].key == level.key) filed.cell = job_.cells[i];
  }
  for (size_t i = 0; i < job_.sequence_lengths.size(); ++i) {
    if (job_.sweep.levels[i].key == level.key) filed.sequence_length = job_.sequence_lengths[i];
  }
  filed.stop_reason = run.stop_reason;
  filed.started_at = session_.clock().WallNow() - (session_.clock().Now() - run.started_at);
  filed.metrics = run.metrics;
  filed.health = run.health;
  filed.validity = JudgeValidity(run.health, {}, LoadLever::kUsers);
  filed.last_failure = run.last_failure;
  filed.measurement_errors = ErrorsOf(run);
  filed.spread = run.spread;
  if (!run.last_failure.empty()) last_failure_ = run.last_failure;
  for (const RunResult& result : run.results) {
    most_passes_ = std::max(
        most_passes_, (result.totals.requests_issued + prepared_ - 1) / std::max<int64_t>(1, prepared_));
  }
  report_.levels.push_back(std::move(filed));
  std::fputs(FormatSweepLevel(report_, report_.levels.back()).c_str(), stderr);
  return SaveSweep(files_, report_);
}

std::vector<MeasurementErrorNote> SweepRunner::ErrorsOf(const SweepLevelRun& run) const {
  ClientLoad load{.in_flight = 1, .tokens_per_second = run.metrics.run.tokens_per_second.Mean()};
  for (const RunResult& result : run.results)
    load.in_flight = std::max(load.in_flight, result.peak_in_flight);
  // Vectors and rankings come as one answer.
  if (report_.kind == SweepKind::kEmbedding) return job_.selftest.ErrorsAt(load, {MeasuredQuantity::kE2e});
  return job_.selftest.ErrorsAt(load);
}

void SweepRunner::ShowProgress(int64_t index, int64_t run, const RunProgress& progress) {
  const SweepLevel& level = to_run_.levels[static_cast<size_t>(index)];
  if (progress_ == nullptr || shown_ != std::pair(index, run)) {
    shown_ = {index, run};
    const std::string what = run < 0
                                 ? std::string("warm-up")
                                 : "run " + std::to_string(run + 1) + " of " + std::to_string(to_run_.runs);
    const std::string title = "level " + std::to_string(index + 1) + " of " +
                              std::to_string(to_run_.levels.size()) + " (" + level.key + "), " + what;
    progress_ = std::make_unique<LevelProgress>(title, run < 0 ? 0 : level.requests.value_or(0),
                                                level.duration.value_or(Duration::zero()), job_.plain);
  }
  const auto left = eta_->Left(index, run, progress.totals.now - progress.totals.started_at);
  progress_->OnProgress(progress, left ? "about " + RoundedText(*left) + " left" : "");
}

// Whatever happened, what was measured is saved and shown.
absl::Status SweepRunner::Conclude() {
  if (most_passes_ > 1) {
    report_.notes.push_back("the prompts came round " + std::to_string(most_passes_) +
                            " times, so that a prefix cache may have known them: raise --num-prompts");
  }
  const absl::Status log = files_.record_log != nullptr ? files_.record_log->Close() : absl::OkStatus();
  const absl::Status kept = session_.extensions().Close();
  absl::Status saved = SaveSweep(files_, report_);
  if (!job_.plot.empty() && saved.ok()) {
    // Without gnuplot the run is as good as with it.
    const absl::Status plotted = PlotSweepFiles({files_.results}, job_.plot);
    if (!plotted.ok()) session_.diagnostics().Warn(std::string(plotted.message()));
  }
  std::fputs(FormatSweepSummary(report_).c_str(), stdout);
  std::printf("\nResults: %s\n", files_.results.c_str());
  saved.Update(kept);
  saved.Update(WriteReports());
  return log.ok() ? saved : log;
}

absl::Status SweepRunner::OpenSinks() {
  const std::string folder = std::filesystem::path(files_.results).parent_path().string();
  return session_.extensions().OpenSinks({folder.empty() ? "." : folder, session_.clock().Now(),
                                          session_.clock().WallNow(), report_.configuration_json,
                                          session_.diagnostics()});
}

// Named after the results, as the record log is: the folder may have others.
absl::Status SweepRunner::WriteReports() {
  const std::filesystem::path results(files_.results);
  return session_.extensions().WriteReports({job_.program, SweepResultsJson(report_)},
                                            (results.parent_path() / results.stem()).string() + ".",
                                            report_.files);
}

ExitStatus SweepRunner::Status() const {
  if (!refusal_.empty()) {
    Complain(job_.program, "the endpoint refuses these requests: " + refusal_);
    return kExitEndpoint;
  }
  if (interrupted_) return SignalsToRun::received() == SIGTERM ? kExitTerminated : kExitInterrupted;
  for (const SweepLevelReport& level : report_.levels) {
    if (level.metrics.successful > 0) return kExitOk;
  }
  if (report_.levels.empty() && !report_.kept_levels.empty()) return kExitOk;
  Complain(job_.program, "not one request succeeded; the last failure: " + last_failure_);
  return kExitEndpoint;
}

}  // namespace

absl::StatusOr<ExitStatus> RunSweepJob(SweepJob job, Session& session) {
  return SweepRunner(std::move(job), session).Run();
}

}  // namespace llmdyno
