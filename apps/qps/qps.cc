#include "qps/qps.h"

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/level_progress.h"
#include "cli/plugin_host.h"
#include "cli/request_route.h"
#include "cli/result_folder.h"
#include "cli/run_app.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/experiment/level_run.h"
#include "llmdyno/experiment/level_series.h"
#include "llmdyno/experiment/repeated_run.h"
#include "llmdyno/report/qps_json.h"
#include "llmdyno/report/qps_plot.h"
#include "llmdyno/report/qps_table.h"
#include "llmdyno/report/result_file.h"
#include "llmdyno/report/spread_text.h"
#include "llmdyno/report/stored_result.h"
#include "qps/level_report.h"
#include "qps/qps_spec.h"

namespace llmdyno {
namespace {

// A trial of a search lasts at least this many times the median end-to-end latency: shorter ones see little
// but the filling up.
constexpr double kLatenciesPerTrial = 20;
constexpr Duration kLongestTrial = std::chrono::minutes(10);

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

class QpsBenchmark {
 public:
  QpsBenchmark(QpsOptions& options, const FlagTable& flags) : options_(options), flags_(flags) {}

  absl::StatusOr<ExitStatus> Run();

 private:
  absl::Status OpenFiles();
  void DescribeRun();
  void PrintBanner() const;
  absl::Status RunLevels();
  absl::Status Search();
  // Runs one level, as often as it is to be repeated, files its report, saves everything. What is returned is
  // the run that stands for all.
  absl::StatusOr<LevelRun> RunOne(int64_t index, double target, Duration time, const std::string& title);
  struct Expected {
    std::string title;
    int64_t requests = 0;  // 0: not known
    Duration time{};
  };
  absl::StatusOr<LevelRun> Measure(RunPlan& plan, int64_t repetition, const Expected& expected);
  void FileLevel(int64_t index, double target, const RepeatedLevel& repeated);
  absl::Status Save();
  absl::Status Conclude();
  ExitStatus Status() const;
  // What the dataset is was told with the first plan.
  RunSetting QuietSetting() {
    return {session_.catalog(), session_.transport(), session_.clock(), warnings_only_};
  }
  RunContext Context() {
    return {session_.clock(),
            session_.transports(),
            session_.control(),
            session_.extensions().WithSinks({record_log_.get()}),
            nullptr,
            {},
            session_.diagnostics()};
  }

  QpsOptions& options_;
  const FlagTable& flags_;
  Session session_;
  SelftestFile selftest_;
  const Diagnostics warnings_only_{[this](Severity severity, std::string_view text) {
    if (severity == Severity::kWarning) session_.diagnostics().Warn(text);
  }};
  QpsSpec spec_;
  std::shared_ptr<const Dialect> dialect_;
  ResultFolder folder_;
  std::unique_ptr<RecordSink> record_log_;
  ServingReport report_;
  int64_t next_request_id_ = 0;
  bool interrupted_ = false;
  std::string refusal_;  // why the endpoint is of no use; empty while it is
  std::string last_failure_;
};

absl::StatusOr<ExitStatus> QpsBenchmark::Run() {
  LLMDYNO_RETURN_IF_ERROR(session_.Extend(options_.extensions));
  LLMDYNO_ASSIGN_OR_RETURN(spec_, MakeQpsSpec(options_, flags_, session_.catalog()));
  LLMDYNO_ASSIGN_OR_RETURN(dialect_, ApplyDialect(options_.extensions, "openai", session_.catalog(),
                                                  session_.diagnostics(), spec_.run));
  LLMDYNO_ASSIGN_OR_RETURN(selftest_, SelftestFile::Read(options_.trust, session_.diagnostics()));
  LLMDYNO_RETURN_IF_ERROR(session_.Open(spec_.run, options_.endpoint, spec_.most_in_flight, false));
  // The dataset's errors come before anything is sent.
  const double first = spec_.targets.empty() ? spec_.search.start : spec_.targets.front();
  LLMDYNO_RETURN_IF_ERROR(MakePlan(LevelSpec(spec_, options_, 0, first, options_.duration, 0),
                                   session_.setting(), session_.counter())
                              .status());
  LLMDYNO_RETURN_IF_ERROR(session_.Reach());
  DescribeRun();
  LLMDYNO_RETURN_IF_ERROR(OpenFiles());
  PrintBanner();

  const SignalsToRun signals(session_.control());
  LLMDYNO_RETURN_IF_ERROR(session_.WarmUp(spec_.run, session_.extensions().WithSinks({record_log_.get()})));
  next_request_id_ = spec_.run.warm_up_requests;
  absl::Status status = options_.searches() ? Search() : RunLevels();
  const absl::Status concluded = Conclude();
  if (!status.ok()) return status;
  if (!concluded.ok()) return concluded;
  const bool is_valid = std::all_of(report_.levels.begin(), report_.levels.end(),
                                    [](const LevelReport& level) { return level.validity.valid; });
  return StrictStatus(options_.trust, Status(), is_valid, "llmdyno-qps");
}

absl::Status QpsBenchmark::OpenFiles() {
  const WallTime now = session_.clock().WallNow();
  report_.provenance = {LLMDYNO_VERSION, __VERSION__, now};
  LLMDYNO_ASSIGN_OR_RETURN(
      folder_, MakeResultFolder(options_.results_dir, "", "%Y-%m-%d_%H-%M-%S", now, "results-dir"));
  report_.files = {{"metadata", folder_.File("metadata.json")},
                   {"results", folder_.File(options_.output)},
                   {"records", folder_.File("records.jsonl")}};
  const TimePoint origin = session_.clock().Now();
  NoteRecordsFile(folder_.File("records.jsonl"));
  LLMDYNO_ASSIGN_OR_RETURN(
      record_log_, OpenRecordLog(folder_.File("records.jsonl"), {origin, now, flags_.ConfigurationJson()}));
  LLMDYNO_RETURN_IF_ERROR(session_.extensions().OpenSinks(
      {folder_.path, origin, now, flags_.ConfigurationJson(), session_.diagnostics()}));
  return Save();
}

void QpsBenchmark::DescribeRun() {
  report_.title = "QPS benchmark";
  report_.load_kind = spec_.load_kind;
  report_.model = spec_.run.endpoint.model;
  report_.endpoint = RequestRoute(spec_.run, *dialect_);
  report_.dataset = options_.dataset;
  report_.is_simulated = session_.is_simulated();
  report_.seed = spec_.run.seed;
  report_.first_token = spec_.metrics.first_token;
  report_.percentiles = spec_.percentiles;
  report_.configuration_json = flags_.ConfigurationJson();
  report_.targets = spec_.targets;
  report_.duration_s = ToSeconds(spec_.level_time);
  report_.max_tokens = options_.max_tokens;
  report_.temperature = options_.request.temperature;
  report_.show_tokens = options_.show_tokens;
  report_.gpu_price = spec_.gpu_price;
  report_.token_prices = spec_.token_prices;
  report_.slo = options_.slo;
  if (spec_.metrics.goodput) report_.goodput = ToString(*spec_.metrics.goodput);
}

void QpsBenchmark::PrintBanner() const {
  std::fprintf(stderr,
               "%s%s\n  endpoint  %s\n  model     %s\n  requests  %s, at most %lld tokens an answer\n",
               session_.is_simulated() ? "SIMULATED: " : "", report_.title.c_str(), report_.endpoint.c_str(),
               report_.model.c_str(), options_.dataset.c_str(), static_cast<long long>(options_.max_tokens));
  if (options_.searches()) {
    std::fprintf(stderr, "  search    the highest %s under %s, %s s and more a trial\n",
                 options_.find_max ? "rate" : "concurrency",
                 options_.slo.empty() ? "success>=99%" : options_.slo.c_str(),
                 Number(ToSeconds(options_.duration)).c_str());
  } else if (spec_.replays_trace) {
    std::fprintf(stderr,
                 "  load      the trace's own times, %s times as fast: %s s, %s requests/s on average\n",
                 Number(options_.speedup).c_str(), Number(ToSeconds(spec_.level_time)).c_str(),
                 Number(spec_.targets.front()).c_str());
  } else {
    std::fprintf(stderr, "  load      %s requests/s, %s s each, %s\n", options_.qps.c_str(),
                 Number(ToSeconds(options_.duration)).c_str(), options_.arrival.c_str());
  }
  std::fprintf(stderr, "  files     %s\n", folder_.path.c_str());
}

absl::StatusOr<LevelRun> QpsBenchmark::RunOne(int64_t index, double target, Duration time,
                                              const std::string& title) {
  const double rate_before = report_.levels.empty() ? 0 : report_.levels.back().target;
  RunSpec run = LevelSpec(spec_, options_, index, target, time, rate_before);
  run.first_request_id = next_request_id_;
  run.warm_up_requests = 0;
  LLMDYNO_ASSIGN_OR_RETURN(
      const RepeatedLevel level,
      RunRepeatedLevel(
          {.runs = options_.repeat, .cool_down = options_.cooldown},
          {[&](int64_t) { return MakePlan(run, QuietSetting(), session_.counter()); },
           [&](RunPlan& plan, int64_t repetition) {
             const bool is_open = std::holds_alternative<OpenLoopConfig>(run.load);
             return Measure(plan, repetition, {title, is_open ? run.stop.requests.value_or(0) : 0, time});
           },
           [&](Duration cool_down) { return Pause(cool_down, Context()); }}));
  next_request_id_ = level.repeated.next_request_id;
  interrupted_ = interrupted_ || level.repeated.interrupted;
  FileLevel(index, target, level);
  LLMDYNO_RETURN_IF_ERROR(Save());
  return level.run();
}

absl::StatusOr<LevelRun> QpsBenchmark::Measure(RunPlan& plan, int64_t repetition, const Expected& expected) {
  const bool is_repeated = options_.repeat > 1;
  std::string title = expected.title;
  if (is_repeated) {
    title += ", repetition " + std::to_string(repetition + 1) + " of " + std::to_string(options_.repeat);
  }
  LevelProgress progress(title, expected.requests, spec_.replays_trace ? Duration::zero() : expected.time,
                         options_.plain);
  RunContext context = Context();
  context.on_progress = [&](const RunProgress& now) { progress.OnProgress(now); };
  context.progress_interval = session_.ProgressInterval(progress.interval());
  LLMDYNO_ASSIGN_OR_RETURN(LevelRun level, RunLevel(plan, context, spec_.metrics));
  progress.Finish();
  if (!level.result.last_failure.empty()) last_failure_ = level.result.last_failure;
  if (level.result.stop_reason == StopReason::kRefused) {
    refusal_ = "the endpoint refuses these requests: " + level.result.last_failure;
  }
  if (is_repeated) {
    const LoadLever lever = spec_.load_kind == LoadKind::kRate ? LoadLever::kRate : LoadLever::kUsers;
    const bool is_valid = JudgeValidity(level.health, {}, lever).valid;
    std::fputs(FormatRepetitionLine(repetition, options_.repeat, level.metrics.all, is_valid).c_str(),
               stderr);
  }
  return level;
}

void QpsBenchmark::FileLevel(int64_t index, double target, const RepeatedLevel& repeated) {
  const bool is_rate = spec_.load_kind == LoadKind::kRate;
  const LevelRun& run = repeated.run();
  LevelReport level =
      MakeLevelReport(repeated, selftest_, is_rate ? LoadLever::kRate : LoadLever::kUsers, session_.clock());
  level.index = index;
  // A trace has no target but what it comes to; all at once is no rate.
  level.target = spec_.replays_trace ? run.metrics.offered_per_second.value_or(target) : target;
  if (is_rate) level.backlog = run.backlog;
  if (spec_.gpu_price) level.cost = CostOfGpus(*spec_.gpu_price, run.metrics);
  if (spec_.token_prices) level.cost = CostOfTokens(*spec_.token_prices, run.metrics);
  if (!spec_.criteria.slo.terms().empty()) level.slo = spec_.criteria.slo.Judge(run.metrics);
  report_.levels.push_back(std::move(level));
}

absl::Status QpsBenchmark::RunLevels() {
  LevelSeriesConfig config;
  config.targets = spec_.targets;
  config.cool_down = options_.cooldown;
  config.min_success_percent = options_.stop_below;
  const LevelSeriesSteps steps{
      [&](int64_t index, double target) -> absl::StatusOr<LevelEnd> {
        std::string title =
            "level " + std::to_string(index + 1) + " of " + std::to_string(config.targets.size()) + ": " +
            (spec_.replays_trace ? Number(options_.speedup) + " x trace" : Number(target) + " requests/s");
        LLMDYNO_ASSIGN_OR_RETURN(const LevelRun run, RunOne(index, target, options_.duration, title));
        std::fputs(FormatLevelLine(report_, report_.levels.back()).c_str(), stderr);
        return LevelEnd{run.metrics.all.success_rate_percent.value_or(0), interrupted_, refusal_};
      },
      [&](Duration time) { return Pause(time, Context()); }};
  LLMDYNO_ASSIGN_OR_RETURN(const LevelSeriesResult result, RunLevelSeries(config, steps));
  interrupted_ = interrupted_ || result.interrupted;
  report_.skipped_targets = result.skipped;
  report_.skip_reason = result.skip_reason;
  return absl::OkStatus();
}

absl::Status QpsBenchmark::Search() {
  CapacitySearch search(spec_.search);
  Duration time = options_.duration;
  for (int64_t index = 0;; ++index) {
    const auto next = search.Next();
    if (const auto* answer = std::get_if<CapacityAnswer>(&next)) {
      report_.capacity = *answer;
      return absl::OkStatus();
    }
    const auto& trial = std::get<CapacitySearch::Try>(next);
    if (index > 0 && options_.cooldown > Duration::zero() && !Pause(options_.cooldown, Context())) {
      interrupted_ = true;
      return absl::OkStatus();
    }
    const std::string title = "trial " + std::to_string(index + 1) + ": " + Number(trial.load) +
                              (options_.find_max ? " requests/s" : " in flight");
    LLMDYNO_ASSIGN_OR_RETURN(const LevelRun run, RunOne(index, trial.load, time, title));
    if (interrupted_ || !refusal_.empty()) return absl::OkStatus();
    const SustainJudgement judgement = JudgeSustained(trial.load, run.metrics, run.backlog, spec_.criteria);
    search.Add(judgement.sustained, judgement.reason, judgement.capacity_estimate);
    report_.capacity_trials = search.trials();
    std::fputs(FormatTrialLine(search.trials().back(), report_.load_kind).c_str(), stderr);
    if (judgement.client_limited) {
      report_.notes.push_back("the search met the limit of this client, not of the endpoint: " +
                              judgement.reason);
    }
    if (const auto e2e = run.metrics.all.e2e.Quantile(0.5); e2e && judgement.sustained) {
      time =
          std::max(options_.duration, std::min(kLongestTrial, FromSeconds(kLatenciesPerTrial * *e2e / 1000)));
    }
  }
}

absl::Status QpsBenchmark::Save() {
  LLMDYNO_RETURN_IF_ERROR(WriteResultFile(folder_.File("metadata.json"), QpsMetadataJson(report_)));
  return WriteResultFile(folder_.File(options_.output), QpsResultsJson(report_));
}

// Whatever happened, what was measured is judged, saved and shown.
absl::Status QpsBenchmark::Conclude() {
  std::vector<LevelSummary> summaries;
  for (const LevelReport& level : report_.levels) {
    // Cut, by the user or for a plugin.
    if (level.stop_reason == ToString(StopReason::kInterrupted)) continue;
    if (level.stop_reason == ToString(StopReason::kPluginFault)) continue;
    summaries.push_back(SummaryOf(level));
    const auto index = static_cast<size_t>(level.index);
    if (index >= report_.capacity_trials.size()) continue;
    // A trial was judged by the search's own criteria.
    const CapacityTrial& trial = report_.capacity_trials[index];
    summaries.back().slo_met = true;
    summaries.back().broken_by = trial.sustained ? "" : trial.reason;
  }
  // An endpoint that refused (wrong key, wrong model) has told nothing about its capacity.
  if (!summaries.empty() && !spec_.replays_trace && refusal_.empty()) {
    RecommendationConfig config;
    config.targets_are_rates = spec_.load_kind == LoadKind::kRate;
    config.capacity = report_.capacity;
    if (!config.targets_are_rates) config.unit = "users";
    report_.recommendation = Recommend(summaries, config);
  }
  const std::optional<double> base = report_.capacity         ? report_.capacity->load
                                     : report_.recommendation ? report_.recommendation->base
                                                              : std::nullopt;
  if (options_.plan_tokens_per_day && base) {
    for (const LevelReport& level : report_.levels) {
      if (level.target != *base) continue;
      report_.plan =
          PlanProduction(static_cast<double>(*options_.plan_tokens_per_day), *spec_.gpu_price, level.metrics);
    }
  }
  const absl::Status log = record_log_->Close();
  const absl::Status kept = session_.extensions().Close();
  absl::Status saved = Save();
  if (options_.plot && !report_.levels.empty()) {
    // Without gnuplot the run is as good as with it.
    const std::string path = folder_.File(options_.plot_output);
    const absl::Status plotted = WriteQpsPlot(path, report_);
    if (plotted.ok()) {
      report_.files.push_back({"plot", path});
      saved.Update(Save());
    } else {
      session_.diagnostics().Warn(std::string(plotted.message()));
    }
  }
  std::printf("%s\n%s", FormatQpsTable(report_).c_str(), FormatQpsSummary(report_).c_str());
  std::printf("\nResults: %s\n", folder_.path.c_str());
  saved.Update(kept);
  saved.Update(session_.extensions().WriteReports(
      {"llmdyno-qps", JoinRateResult(QpsMetadataJson(report_), QpsResultsJson(report_))}, folder_.File(""),
      report_.files));
  return log.ok() ? saved : log;
}

ExitStatus QpsBenchmark::Status() const {
  if (!refusal_.empty()) {
    Complain("llmdyno-qps", refusal_);
    return kExitEndpoint;
  }
  if (interrupted_) return SignalsToRun::received() == SIGTERM ? kExitTerminated : kExitInterrupted;
  for (const LevelReport& level : report_.levels) {
    if (level.metrics.all.successful > 0) return kExitOk;
  }
  Complain("llmdyno-qps", "not one request succeeded; the last failure: " + last_failure_);
  return kExitEndpoint;
}

}  // namespace

absl::StatusOr<ExitStatus> RunQps(QpsOptions& options, const FlagTable& flags) {
  return QpsBenchmark(options, flags).Run();
}

}  // namespace llmdyno
