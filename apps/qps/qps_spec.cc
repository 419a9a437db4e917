#include "qps/qps_spec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sstream>

#include "cli/list_text.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/load/arrival_trace.h"
#include "llmdyno/metrics/percentile_text.h"
#include "llmdyno/workload/dataset_format.h"

namespace llmdyno {
namespace {

constexpr double kMostRequestsPerLevel = 1e9;
// The loop ends a level that can get nowhere: as many refusals, and not one success before them.
constexpr int64_t kRefusalsAtStart = 10;
// The table has a column for each of them.
constexpr std::array<double, 6> kPercentiles = {50, 75, 90, 95, 99, 99.9};
constexpr const char* kUrlFlag = "endpoint";

absl::Status Bad(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

absl::Status CheckPrices(const QpsOptions& options, QpsSpec& spec) {
  if (options.gpu_rate.has_value() != options.num_gpus.has_value()) {
    return Bad(options.gpu_rate ? "--gpu-rate needs --num-gpus: how many GPUs does the endpoint run on?"
                                : "--num-gpus needs --gpu-rate: what does one GPU cost an hour?");
  }
  if (options.gpu_rate) {
    spec.gpu_price = GpuPrice{*options.gpu_rate, *options.num_gpus};
    LLMDYNO_RETURN_IF_ERROR(spec.gpu_price->Validate());
  }
  if (options.price_input.has_value() != options.price_output.has_value()) {
    return Bad("--price-input and --price-output are needed together");
  }
  if (options.price_cached && !options.price_input) {
    return Bad("--price-cached needs --price-input and --price-output");
  }
  if (options.price_input) {
    if (spec.gpu_price) return Bad("--gpu-rate and --price-input exclude each other: there is one bill");
    spec.token_prices = TokenPrices{*options.price_input, *options.price_output, options.price_cached};
    LLMDYNO_RETURN_IF_ERROR(spec.token_prices->Validate());
  }
  if (options.plan_tokens_per_day && !spec.gpu_price) {
    return Bad("--plan-tokens-per-day needs --gpu-rate and --num-gpus");
  }
  return absl::OkStatus();
}

absl::Status CheckGoals(const QpsOptions& options, QpsSpec& spec) {
  spec.metrics.first_token = *ParseFirstToken(options.first_token);
  if (!options.goodput.empty()) {
    absl::StatusOr<Goodput> goodput = Goodput::Parse(options.goodput);
    if (!goodput.ok()) return Bad("--goodput: " + std::string(goodput.status().message()));
    spec.metrics.goodput = *std::move(goodput);
  }
  if (!options.slo.empty()) {
    absl::StatusOr<Slo> slo = Slo::Parse(options.slo);
    if (!slo.ok()) return Bad("--slo: " + std::string(slo.status().message()));
    spec.criteria.slo = *std::move(slo);
    if (spec.criteria.slo.needs_goodput() && options.goodput.empty()) {
      return Bad("--slo: a limit on goodput needs --goodput, such as --goodput ttft:500 tpot:50");
    }
  }
  absl::StatusOr<std::vector<double>> percentiles = ParsePercentiles(options.percentiles);
  if (!percentiles.ok()) return Bad("--percentiles: " + std::string(percentiles.status().message()));
  spec.percentiles = *std::move(percentiles);
  for (const double percentile : spec.percentiles) {
    if (std::find(kPercentiles.begin(), kPercentiles.end(), percentile) != kPercentiles.end()) continue;
    return Bad("--percentiles: expected some of 50, 75, 90, 95, 99, 99.9, got '" +
               PercentileText(percentile) + "'");
  }
  return absl::OkStatus();
}

absl::Status CheckSearch(const QpsOptions& options, const FlagTable& flags, QpsSpec& spec) {
  if (options.find_max && options.find_max_concurrency) {
    return Bad("--find-max and --find-max-concurrency are two searches: give one of them");
  }
  if (options.searches() && flags.WasGiven("qps")) {
    return Bad(
        "--qps and --find-max exclude each other: a search chooses its own rates (--find-from, "
        "--find-up-to)");
  }
  if (!options.searches()) return absl::OkStatus();
  if (options.repeat > 1) {
    return absl::InvalidArgumentError(
        "--repeat is for the levels of --qps: a search repeats what it found by --find-confirmations");
  }
  if (spec.replays_trace) {
    return Bad("--find-max and --arrival trace exclude each other: a trace has its own times");
  }
  CapacitySearchConfig& search = spec.search;
  search.tolerance = options.find_tolerance / 100;
  search.confirmations = static_cast<int>(options.find_confirmations);
  if (options.find_max_concurrency) {
    spec.load_kind = LoadKind::kUsers;
    spec.criteria.backlog.reset();
    search.whole_numbers = true;
    search.lowest = 1;
    search.start = std::floor(options.find_from.value_or(1));
    search.highest = std::floor(options.find_up_to.value_or(4096));
  } else {
    search.start = options.find_from.value_or(1);
    search.highest = options.find_up_to.value_or(10'000);
    search.lowest = std::min(0.01, search.start);
  }
  if (absl::Status status = search.Validate(); !status.ok()) {
    return Bad("--find-from, --find-up-to: " + std::string(status.message()));
  }
  return absl::OkStatus();
}

// A name of the catalog, or else a file.
absl::Status CheckDataset(QpsOptions& options, const Catalog& catalog, QpsSpec& spec) {
  const std::string& given = options.extensions.workload;
  if (!given.empty()) {
    if (!options.dataset.empty()) {
      return Bad("--workload and --dataset exclude each other: both say what is sent");
    }
    LLMDYNO_RETURN_IF_ERROR(CheckWorkloadName("--workload", given, catalog));
    options.dataset = given;
  }
  if (options.dataset.empty()) {
    if (options.endpoint.simulate.empty()) return Bad("missing --dataset. See llmdyno-qps --help");
    options.dataset = "synthetic";
  }
  WorkloadSpec& workload = spec.run.workload;
  workload.shuffle = options.shuffle;
  workload.format = options.dataset_format;
  workload.request.system_prompt.clear();
  workload.request.max_output_tokens = options.max_tokens;
  const std::string name = options.dataset.substr(0, options.dataset.find(':'));
  if (catalog.workloads.Find(name) != nullptr) {
    workload.name = options.dataset;
    return absl::OkStatus();
  }
  LLMDYNO_RETURN_IF_ERROR(CheckReadable("dataset", options.dataset));
  LLMDYNO_ASSIGN_OR_RETURN(const std::string format,
                           ResolveDatasetFormat(options.dataset, options.dataset_format));
  spec.replays_trace = options.arrival == "trace";
  workload.name = format == "trace" ? "trace" : "file";
  workload.format = format;
  workload.path = options.dataset;
  return absl::OkStatus();
}

// One level, with the mean rate and the time of the trace: n requests, and one mean gap behind the last. What
// is wrong with the file is told here, before anything is sent.
absl::Status CheckTrace(QpsOptions& options, const FlagTable& flags, QpsSpec& spec) {
  for (const char* flag : {"qps", "duration", "ramp-time"}) {
    if (!flags.WasGiven(flag)) continue;
    return Bad(std::string("--") + flag +
               " and --arrival trace exclude each other: a trace has its own times (--speedup)");
  }
  options.arrival = "trace:speedup=" + std::to_string(options.speedup);
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<Duration> times, ReadArrivalTrace(options.dataset));
  const Duration span = *std::max_element(times.begin(), times.end()) - times.front();
  const double seconds = ToSeconds(span) / options.speedup;
  const auto gaps = static_cast<double>(times.size() - 1);
  spec.targets = {seconds > 0 ? gaps / seconds : std::numeric_limits<double>::infinity()};
  spec.level_time = FromSeconds(seconds > 0 ? seconds * (gaps + 1) / gaps : 0);
  spec.most_in_flight = std::ssize(times);
  return absl::OkStatus();
}

absl::Status CheckLevels(QpsOptions& options, const FlagTable& flags, const Catalog& catalog, QpsSpec& spec) {
  if (options.duration <= Duration::zero()) return Bad("--duration: expected more than 0s, got 0s");
  if (options.stop_below > 100) {
    return Bad("--stop-below: expected a percentage from 0 to 100, got " +
               std::to_string(options.stop_below));
  }
  const std::string arrival = options.arrival.substr(0, options.arrival.find(':'));
  if (catalog.arrivals.Find(arrival) == nullptr) {
    std::string known;
    for (const std::string& each : catalog.arrivals.Names()) known += (known.empty() ? "" : ", ") + each;
    const auto nearest = FindNearestName(arrival, catalog.arrivals.Names());
    return Bad("--arrival: expected one of " + known + ", got '" + arrival + "'" +
               (nearest ? "; did you mean '" + *nearest + "'?" : ""));
  }
  if (flags.WasGiven("burstiness")) {
    if (options.arrival == "poisson") options.arrival = "gamma";
    if (options.arrival != "gamma") return Bad("--burstiness needs --arrival gamma");
    options.arrival += ":burstiness=" + std::to_string(options.burstiness);
  }
  if (flags.WasGiven("speedup") && !spec.replays_trace) return Bad("--speedup needs --arrival trace");
  spec.level_time = options.duration;
  if (options.searches()) return absl::OkStatus();
  if (spec.replays_trace) return CheckTrace(options, flags, spec);
  LLMDYNO_ASSIGN_OR_RETURN(spec.targets, ParseRates("qps", options.qps));
  for (const double rate : spec.targets) {
    const double requests = std::round(rate * ToSeconds(options.duration));
    if (requests < 1 || requests > kMostRequestsPerLevel) {
      std::ostringstream text;
      text << "--qps: " << rate << " requests per second for --duration " << ToSeconds(options.duration)
           << " s make " << requests << " requests: expected 1 to " << kMostRequestsPerLevel;
      return Bad(text.str());
    }
  }
  return absl::OkStatus();
}

// What could be in flight when the endpoint stops answering: all that is sent within the time that a request
// may take.
int64_t MostInFlight(const QpsSpec& spec, const QpsOptions& options) {
  double most = 1;
  const double patience = ToSeconds(options.connection.config.total_timeout);
  for (const double rate : spec.targets) {
    const double requests =
        spec.replays_trace ? static_cast<double>(spec.most_in_flight) : rate * ToSeconds(options.duration);
    most = std::max(most, patience > 0 ? std::min(requests, rate * patience) : requests);
  }
  if (options.find_max_concurrency) most = spec.search.highest;
  if (options.find_max) most = std::min(4096.0, spec.search.highest * 10);
  return static_cast<int64_t>(std::min(most, 1e6));
}

}  // namespace

absl::StatusOr<QpsSpec> MakeQpsSpec(QpsOptions& options, const FlagTable& flags, const Catalog& catalog) {
  LLMDYNO_RETURN_IF_ERROR(options.endpoint.Complete("llmdyno-qps", kUrlFlag));
  QpsSpec spec;
  LLMDYNO_RETURN_IF_ERROR(options.endpoint.ApplyTo(spec.run, kUrlFlag));
  LLMDYNO_RETURN_IF_ERROR(options.request.ApplyTo(spec.run));
  LLMDYNO_RETURN_IF_ERROR(options.connection.ApplyTo(spec.run));
  LLMDYNO_RETURN_IF_ERROR(CheckDataset(options, catalog, spec));
  LLMDYNO_RETURN_IF_ERROR(CheckSearch(options, flags, spec));
  LLMDYNO_RETURN_IF_ERROR(CheckLevels(options, flags, catalog, spec));
  LLMDYNO_RETURN_IF_ERROR(CheckPrices(options, spec));
  LLMDYNO_RETURN_IF_ERROR(CheckGoals(options, spec));
  spec.metrics.expects_requested_length = options.request.ignore_eos;
  spec.most_in_flight = MostInFlight(spec, options);
  spec.run.transport.expected_concurrency = static_cast<int>(std::min<int64_t>(spec.most_in_flight, 1000));
  spec.run.warm_up_requests = options.warmup_requests;
  spec.run.seed = static_cast<uint64_t>(options.seed);
  spec.run.keep_texts = options.save_text;
  spec.run.stop.consecutive_failures.reset();
  spec.run.stop.consecutive_failures_at_start.reset();
  spec.run.stop.refusals_at_start = kRefusalsAtStart;
  spec.run.drain_timeout =
      Duration::zero();  // the level itself waits for its requests: StopCondition::settle
  return spec;
}

RunSpec LevelSpec(const QpsSpec& spec, const QpsOptions& options, int64_t level, double target, Duration time,
                  double rate_before) {
  RunSpec run = spec.run;
  run.level = level;
  if (spec.load_kind == LoadKind::kUsers) {
    run.load = ClosedLoopConfig{.users = static_cast<int64_t>(target), .ramp_users_per_second = 0};
    run.stop.duration = time;
    run.drain_timeout = options.drain_timeout.value_or(options.connection.config.total_timeout);
    return run;
  }
  OpenLoopConfig load;
  load.arrivals = options.arrival;
  load.schedule.rate.final_per_second = target;
  double requests = target * ToSeconds(time);
  if (options.ramp_time > Duration::zero()) {
    const Duration ramp = std::min(options.ramp_time, time);
    load.schedule.rate.initial_per_second = rate_before;
    load.schedule.rate.ramp = ramp;
    requests -= (target - rate_before) / 2 * ToSeconds(ramp);
  }
  load.schedule.requests = std::max<int64_t>(1, std::llround(requests));
  run.load = load;
  if (!spec.replays_trace) run.stop.requests = load.schedule.requests;
  // Without one every request ends by its own timeout, and is counted as what it is.
  run.stop.settle = options.drain_timeout;
  return run;
}

}  // namespace llmdyno
