#include "qps/serve.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "cli/level_progress.h"
#include "cli/plugin_host.h"
#include "cli/request_route.h"
#include "cli/result_folder.h"
#include "cli/run_app.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/experiment/level_run.h"
#include "llmdyno/experiment/repeated_run.h"
#include "llmdyno/metrics/percentile_text.h"
#include "llmdyno/report/result_file.h"
#include "llmdyno/report/serving_block.h"
#include "llmdyno/report/spread_text.h"
#include "qps/level_report.h"

namespace llmdyno {
namespace {

constexpr const char* kProgram = "llmdyno-qps serve";
constexpr const char* kUrlFlag = "base-url";
constexpr int64_t kRefusalsAtStart = 10;

absl::Status Bad(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

std::vector<std::string> SplitWords(const std::string& list) {
  std::vector<std::string> words;
  std::stringstream stream(list);
  for (std::string word; std::getline(stream, word, ',');) {
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

absl::StatusOr<double> ParseRate(const std::string& text) {
  if (text == "inf" || text == "infinity") return std::numeric_limits<double>::infinity();
  const auto rate = ParseReal(text);
  if (rate && *rate > 0 && *rate <= 1e6) return *rate;
  return Bad(
      "--request-rate: expected a number above 0 and up to 1,000,000 requests per second, or inf, got '" +
      text + "'");
}

// One serving run, step by step.
class ServingRun {
 public:
  ServingRun(ServeOptions& options, const FlagTable& flags) : options_(options), flags_(flags) {}
  absl::StatusOr<ExitStatus> Run();

 private:
  absl::Status MakeSpec();
  absl::Status OpenSinks();
  absl::Status CheckEndpoint();
  absl::Status CheckWorkload();
  absl::Status CheckLoad();
  absl::Status CheckResults();
  absl::Status CheckResultFolder() const;
  absl::Status AddSampling();
  absl::StatusOr<RepeatedLevel> Repeat(RunPlan first, RecordSink* log);
  absl::StatusOr<LevelRun> Measure(RunPlan& plan, int64_t run, RecordSink* log);
  void Describe(const RepeatedLevel& level);
  absl::Status SaveResult();
  absl::Status WriteReports();
  std::string ResultPath() const;
  ExitStatus Status(const LevelRun& run) const;

  ServeOptions& options_;
  const FlagTable& flags_;
  Session session_;
  SelftestFile selftest_;
  RunSpec spec_;
  ServingMetricsConfig metrics_;
  ServingReport report_;
  ServingBlockConfig block_;
  std::shared_ptr<const Dialect> dialect_;
};

absl::Status ServingRun::CheckEndpoint() {
  EndpointOptions& endpoint = options_.endpoint;
  const bool is_chat = options_.backend == "openai-chat";
  options_.request.api = is_chat ? "chat" : "completions";
  if (endpoint.base_url.empty() && endpoint.simulate.empty()) {
    endpoint.base_url = "http://" + options_.host + ":" + std::to_string(options_.port);
  }
  if (!options_.path.empty() && endpoint.simulate.empty()) {
    if (!options_.path.starts_with('/')) {
      return Bad("--endpoint: expected a route such as /v1/completions, got '" + options_.path + "'");
    }
    const bool path_is_chat = options_.path.ends_with("/chat/completions");
    if (path_is_chat != is_chat) {
      return Bad("--endpoint '" + options_.path + "' does not fit --backend " + options_.backend +
                 ": openai asks for completions, openai-chat for chat completions");
    }
    while (endpoint.base_url.ends_with('/')) endpoint.base_url.pop_back();
    endpoint.base_url += options_.path;
  }
  LLMDYNO_RETURN_IF_ERROR(endpoint.Complete(kProgram, kUrlFlag));
  return endpoint.ApplyTo(spec_, kUrlFlag);
}

absl::Status ServingRun::CheckWorkload() {
  WorkloadSpec& workload = spec_.workload;
  const auto text = [](const auto& value) {
    std::ostringstream out;
    out << value;
    return out.str();
  };
  workload.request.system_prompt.clear();
  workload.request.max_output_tokens.reset();
  workload.requests = options_.num_prompts;
  if (const std::string& given = options_.extensions.workload; !given.empty()) {
    if (flags_.WasGiven("dataset-name")) {
      return Bad("--workload and --dataset-name exclude each other: both say what is sent");
    }
    LLMDYNO_RETURN_IF_ERROR(CheckWorkloadName("--workload", given, session_.catalog()));
    LLMDYNO_RETURN_IF_ERROR(CheckReadable("dataset-path", options_.dataset_path));
    workload.path = options_.dataset_path;
    workload.name = options_.dataset_name = given;
    return absl::OkStatus();
  }
  const bool needs_file = options_.dataset_name == "sharegpt" || options_.dataset_name == "custom";
  if (needs_file && options_.dataset_path.empty()) {
    return Bad("missing --dataset-path: the " + options_.dataset_name + " dataset is read from a file");
  }
  LLMDYNO_RETURN_IF_ERROR(CheckReadable("dataset-path", options_.dataset_path));
  workload.path = options_.dataset_path;
  if (options_.dataset_name == "sharegpt") {
    workload.name = "sharegpt-serving";
    if (options_.sharegpt_output_len) workload.name += ":output_len=" + text(*options_.sharegpt_output_len);
  } else if (options_.dataset_name == "random") {
    if (options_.random_range_ratio >= 1) return Bad("--random-range-ratio: expected 0 or more and below 1");
    workload.name = "random:input_len=" + text(options_.random_input_len) +
                    ",output_len=" + text(options_.random_output_len) +
                    ",range_ratio=" + text(options_.random_range_ratio) +
                    ",prefix_len=" + text(options_.random_prefix_len);
  } else if (options_.dataset_name == "sonnet") {
    if (options_.sonnet_prefix_len >= options_.sonnet_input_len) {
      return Bad("--sonnet-prefix-len must be below --sonnet-input-len");
    }
    workload.name = "sonnet:input_len=" + text(options_.sonnet_input_len) +
                    ",output_len=" + text(options_.sonnet_output_len) +
                    ",prefix_len=" + text(options_.sonnet_prefix_len);
  } else {
    workload.name = "custom";
    workload.request.max_output_tokens = options_.custom_output_len;
    // Said explicitly it is for all, as in vLLM; otherwise a row may say its own.
    if (flags_.WasGiven("custom-output-len")) {
      workload.name += ":output_len=" + text(options_.custom_output_len);
    }
  }
  return absl::OkStatus();
}

absl::Status ServingRun::CheckLoad() {
  OpenLoopConfig load;
  LLMDYNO_ASSIGN_OR_RETURN(block_.request_rate, ParseRate(options_.request_rate));
  load.schedule.requests = options_.num_prompts;
  load.schedule.rate.final_per_second = block_.request_rate;
  load.max_in_flight = options_.max_concurrency;
  if (options_.ramp_up_strategy == "linear") {
    if (!options_.ramp_up_start_rps || !options_.ramp_up_end_rps) {
      return Bad("--ramp-up-strategy linear needs --ramp-up-start-rps and --ramp-up-end-rps");
    }
    const double from = *options_.ramp_up_start_rps;
    const double to = *options_.ramp_up_end_rps;
    if (from + to <= 0) return Bad("--ramp-up-start-rps, --ramp-up-end-rps: one of them must be above 0");
    load.schedule.rate.initial_per_second = from;
    load.schedule.rate.final_per_second = to;
    load.schedule.rate.ramp = FromSeconds(static_cast<double>(options_.num_prompts) / ((from + to) / 2));
  }
  const bool is_burst = std::isinf(load.schedule.rate.final_per_second);
  load.arrivals = is_burst                   ? "constant"
                  : options_.burstiness == 1 ? "poisson"
                                             : "gamma:burstiness=" + std::to_string(options_.burstiness);
  spec_.load = load;
  spec_.stop = StopCondition();
  spec_.stop.requests = options_.num_prompts;
  spec_.stop.consecutive_failures.reset();
  spec_.stop.consecutive_failures_at_start.reset();
  spec_.stop.refusals_at_start = kRefusalsAtStart;
  spec_.warm_up_requests = options_.num_warmups;
  spec_.seed = static_cast<uint64_t>(options_.seed);
  return absl::OkStatus();
}

absl::Status ServingRun::CheckResults() {
  metrics_.first_token = *ParseFirstToken(options_.first_token);
  metrics_.keep_details = options_.save_result;
  metrics_.expects_requested_length = options_.request.ignore_eos;
  spec_.keep_texts = options_.save_result && options_.save_detailed;
  if (!options_.goodput.empty()) {
    absl::StatusOr<Goodput> goodput = Goodput::Parse(options_.goodput);
    if (!goodput.ok()) return Bad("--goodput: " + std::string(goodput.status().message()));
    metrics_.goodput = *std::move(goodput);
  }
  block_.percentile_metrics = SplitWords(options_.percentile_metrics);
  for (const std::string& metric : block_.percentile_metrics) {
    if (metric != "ttft" && metric != "tpot" && metric != "itl" && metric != "e2el") {
      return Bad("--percentile-metrics: expected ttft, tpot, itl or e2el, got '" + metric + "'");
    }
  }
  absl::StatusOr<std::vector<double>> percentiles = ParsePercentiles(options_.metric_percentiles);
  if (!percentiles.ok()) return Bad("--metric-percentiles: " + std::string(percentiles.status().message()));
  block_.percentiles = *std::move(percentiles);
  for (const std::string& pair : options_.metadata) {
    const size_t equals = pair.find('=');  // the first one: values may have more of them
    if (equals == std::string::npos || equals == 0)
      return Bad("--metadata: expected KEY=VALUE, got '" + pair + "'");
    block_.metadata.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  block_.backend = options_.backend;
  block_.label = options_.label;
  block_.tokenizer = options_.tokenizer;
  block_.num_prompts = options_.num_prompts;
  block_.burstiness = options_.burstiness;
  block_.max_concurrency = options_.max_concurrency;
  block_.save_detailed = options_.save_detailed;
  return CheckResultFolder();
}

// Hours of measuring are not to be lost to a folder that nobody could write into.
absl::Status ServingRun::CheckResultFolder() const {
  const bool writes =
      options_.save_result || !options_.extensions.reports.empty() || !options_.extensions.sinks.empty();
  if (!writes) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(options_.result_dir, error);
  if (!error && ::access(options_.result_dir.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return Bad("--result-dir: expected a folder that can be written into, got '" + options_.result_dir + "' (" +
             (error ? error.message() : std::strerror(errno)) + ")");
}

// What has no flag of its own in the dialect goes into the body.
absl::Status ServingRun::AddSampling() {
  if (!options_.top_p && !options_.top_k) return absl::OkStatus();
  const std::string& given = options_.request.extra_body;
  auto body =
      given.empty() ? nlohmann::ordered_json::object() : nlohmann::ordered_json::parse(given, nullptr, false);
  if (!body.is_object()) return absl::OkStatus();  // told by RequestOptions::ApplyTo
  if (options_.top_p && !body.contains("top_p")) body["top_p"] = *options_.top_p;
  if (options_.top_k && !body.contains("top_k")) body["top_k"] = *options_.top_k;
  options_.request.extra_body = body.dump();
  return absl::OkStatus();
}

absl::Status ServingRun::MakeSpec() {
  LLMDYNO_RETURN_IF_ERROR(CheckEndpoint());
  LLMDYNO_RETURN_IF_ERROR(AddSampling());
  LLMDYNO_RETURN_IF_ERROR(options_.request.ApplyTo(spec_));
  LLMDYNO_RETURN_IF_ERROR(options_.connection.ApplyTo(spec_));
  LLMDYNO_ASSIGN_OR_RETURN(dialect_, ApplyDialect(options_.extensions, "openai", session_.catalog(),
                                                  session_.diagnostics(), spec_));
  LLMDYNO_RETURN_IF_ERROR(CheckWorkload());
  LLMDYNO_RETURN_IF_ERROR(CheckLoad());
  return CheckResults();
}

absl::StatusOr<ExitStatus> ServingRun::Run() {
  LLMDYNO_RETURN_IF_ERROR(session_.Extend(options_.extensions));
  LLMDYNO_RETURN_IF_ERROR(MakeSpec());
  const int64_t most_in_flight = std::min(options_.num_prompts, options_.max_concurrency.value_or(1'000'000));
  spec_.transport.expected_concurrency = static_cast<int>(std::min<int64_t>(most_in_flight, 1000));
  LLMDYNO_ASSIGN_OR_RETURN(selftest_, SelftestFile::Read(options_.trust, session_.diagnostics()));
  LLMDYNO_RETURN_IF_ERROR(session_.Open(spec_, options_.endpoint, most_in_flight, false));
  LLMDYNO_ASSIGN_OR_RETURN(RunPlan plan, MakePlan(spec_, session_.setting(), session_.counter()));
  LLMDYNO_RETURN_IF_ERROR(session_.Reach());
  std::unique_ptr<RecordSink> log;
  if (!options_.records.empty()) {
    NoteRecordsFile(options_.records);
    LLMDYNO_ASSIGN_OR_RETURN(
        log, OpenRecordLog(options_.records,
                           {session_.clock().Now(), session_.clock().WallNow(), flags_.ConfigurationJson()}));
  }
  const SignalsToRun signals(session_.control());
  LLMDYNO_RETURN_IF_ERROR(OpenSinks());
  LLMDYNO_RETURN_IF_ERROR(session_.WarmUp(spec_, session_.extensions().WithSinks({log.get()})));
  std::fprintf(stderr, "%sTraffic request rate: %s\nMaximum request concurrency: %s\n",
               session_.is_simulated() ? "SIMULATED. " : "", options_.request_rate.c_str(),
               options_.max_concurrency ? std::to_string(*options_.max_concurrency).c_str() : "None");
  LLMDYNO_ASSIGN_OR_RETURN(const RepeatedLevel level, Repeat(std::move(plan), log.get()));
  Describe(level);
  absl::Status closed = log != nullptr ? log->Close() : absl::OkStatus();
  closed.Update(session_.extensions().Close());
  std::printf("%s", FormatServingBlock(report_, block_).c_str());
  if (options_.save_result) LLMDYNO_RETURN_IF_ERROR(SaveResult());
  closed.Update(WriteReports());
  LLMDYNO_RETURN_IF_ERROR(closed);
  return StrictStatus(options_.trust, Status(level.runs.back()), report_.levels.front().validity.valid,
                      kProgram);
}

absl::StatusOr<RepeatedLevel> ServingRun::Repeat(RunPlan first, RecordSink* log) {
  const RunContext idle{session_.clock(), session_.transports(), session_.control(), {}, nullptr, {}, {}};
  return RunRepeatedLevel({.runs = options_.repeat},
                          {[&](int64_t run) -> absl::StatusOr<RunPlan> {
                             if (run == 0) return std::move(first);
                             return MakePlan(spec_, session_.setting(), session_.counter());
                           },
                           [&](RunPlan& plan, int64_t run) { return Measure(plan, run, log); },
                           [&](Duration time) { return Pause(time, idle); }});
}

absl::StatusOr<LevelRun> ServingRun::Measure(RunPlan& plan, int64_t run, RecordSink* log) {
  const bool is_repeated = options_.repeat > 1;
  LevelProgress progress(is_repeated ? "serving, repetition " + std::to_string(run + 1) : "serving",
                         options_.num_prompts, Duration::zero(), options_.plain);
  RunContext context{session_.clock(),      session_.transports(), session_.control(), {}, nullptr, {},
                     session_.diagnostics()};
  context.sinks = session_.extensions().WithSinks({log});
  if (!options_.disable_tqdm) {
    context.on_progress = [&](const RunProgress& now) { progress.OnProgress(now); };
    context.progress_interval = session_.ProgressInterval(progress.interval());
  }
  LLMDYNO_ASSIGN_OR_RETURN(LevelRun level, RunLevel(plan, context, metrics_));
  progress.Finish();
  if (is_repeated) {
    const bool is_valid = JudgeValidity(level.health, {}, LoadLever::kRate).valid;
    std::fputs(FormatRepetitionLine(run, options_.repeat, level.metrics.all, is_valid).c_str(), stderr);
  }
  return level;
}

void ServingRun::Describe(const RepeatedLevel& repeated) {
  const WallTime now = session_.clock().WallNow();
  report_.title = "Serving benchmark";
  report_.model = spec_.endpoint.model;
  report_.endpoint = RequestRoute(spec_, *dialect_);
  report_.dataset = options_.dataset_path.empty() ? options_.dataset_name : options_.dataset_path;
  report_.is_simulated = session_.is_simulated();
  report_.seed = spec_.seed;
  report_.first_token = metrics_.first_token;
  report_.configuration_json = flags_.ConfigurationJson();
  report_.provenance = {LLMDYNO_VERSION, __VERSION__, now};
  if (metrics_.goodput) report_.goodput = ToString(*metrics_.goodput);
  LevelReport level = MakeLevelReport(repeated, selftest_, LoadLever::kRate, session_.clock());
  level.target = block_.request_rate;
  report_.levels = {std::move(level)};
  block_.date = FormatLocalTime(now, "%Y%m%d-%H%M%S");
}

std::string ServingRun::ResultPath() const {
  return options_.result_dir + "/" +
         (options_.result_filename.empty() ? ServingFileName(report_, block_) : options_.result_filename);
}

absl::Status ServingRun::OpenSinks() {
  return session_.extensions().OpenSinks({options_.result_dir, session_.clock().Now(),
                                          session_.clock().WallNow(), flags_.ConfigurationJson(),
                                          session_.diagnostics()});
}

// Named after the result, whether or not that is written: the folder may have others.
absl::Status ServingRun::WriteReports() {
  std::string prefix = ResultPath();
  if (prefix.ends_with(".json")) prefix.resize(prefix.size() - std::string_view(".json").size());
  return session_.extensions().WriteReports({"llmdyno-qps serve", ServingJson(report_, block_)}, prefix + ".",
                                            {{"results", ResultPath()}});
}

absl::Status ServingRun::SaveResult() {
  const std::string path = ResultPath();
  const std::string json = ServingJson(report_, block_);
  if (!options_.append_result) {
    LLMDYNO_RETURN_IF_ERROR(WriteResultFile(path, json));
  } else {
    std::ofstream file(path, std::ios::app);
    file << json;  // a line, with its end
    file.flush();
    if (!file) return absl::UnknownError("cannot append to '" + path + "'");
  }
  std::fprintf(stderr, "Results: %s\n", path.c_str());
  return absl::OkStatus();
}

ExitStatus ServingRun::Status(const LevelRun& run) const {
  if (run.result.stop_reason == StopReason::kRefused) {
    Complain(kProgram, "the endpoint refuses these requests: " + run.result.last_failure);
    return kExitEndpoint;
  }
  if (run.result.stop_reason == StopReason::kPluginFault) return kExitPluginFault;
  if (run.result.stop_reason == StopReason::kInterrupted) {
    return SignalsToRun::received() == SIGTERM ? kExitTerminated : kExitInterrupted;
  }
  if (run.metrics.all.successful > 0) return kExitOk;
  Complain(kProgram, "not one request succeeded; the last failure: " + run.result.last_failure);
  return kExitEndpoint;
}

}  // namespace

absl::StatusOr<ExitStatus> RunServe(ServeOptions& options, const FlagTable& flags) {
  return ServingRun(options, flags).Run();
}

}  // namespace llmdyno
