#include "embed/embed_spec.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cli/list_text.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

constexpr const char* kUrlFlag = "api-base";
constexpr int64_t kMostInFlight = 1'000'000;
constexpr int64_t kRefusalsAtStart = 10;
constexpr int64_t kFewestRequests = 64;
constexpr int64_t kRequestsPerUser = 8;
constexpr double kUsualSecondsOfRate = 10;

absl::Status Bad(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

std::string NumberWord(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

absl::StatusOr<EmbedLength> ParseLength(const std::string& word) {
  EmbedLength length;
  length.text = word;
  if (word.starts_with("R(")) {
    absl::StatusOr<Scenario> scenario = Scenario::Parse(word);
    if (!scenario.ok()) return Bad("--sequence-lengths: " + std::string(scenario.status().message()));
    length.scenario = *std::move(scenario);
    return length;
  }
  absl::StatusOr<TextLength> parsed = TextLength::Parse(word);
  if (!parsed.ok()) return Bad("--sequence-lengths: " + std::string(parsed.status().message()));
  length.length = *parsed;
  if (parsed->kind == TextLength::Kind::kTokens) {
    LLMDYNO_ASSIGN_OR_RETURN(length.scenario, Scenario::Parse(word));
  }
  length.text = ToString(*parsed);
  return length;
}

absl::Status ParseLengths(const EmbedOptions& options, const FlagTable& flags, const Catalog& catalog,
                          EmbedSpec& spec) {
  if (const std::string& given = options.extensions.workload; !given.empty()) {
    for (const char* flag : {"sequence-lengths", "texts-per-request", "rerank-documents"}) {
      if (!flags.WasGiven(flag)) continue;
      return Bad(std::string("--") + flag +
                 " and --workload exclude each other: a workload makes its requests itself");
    }
    LLMDYNO_RETURN_IF_ERROR(CheckWorkloadName("--workload", given, catalog));
    spec.run.workload.name = given;
    spec.lengths.push_back({.text = given.substr(0, given.find(':'))});
    return absl::OkStatus();
  }
  for (const std::string& word : SplitList(options.sequence_lengths)) {
    LLMDYNO_ASSIGN_OR_RETURN(EmbedLength length, ParseLength(word));
    for (const EmbedLength& other : spec.lengths) {
      if (other.text != length.text) continue;
      return Bad("--sequence-lengths: " + word + " is there twice: each has one result");
    }
    const bool ranks = length.scenario && length.scenario->Kind() == RequestKind::kRerank;
    if (!spec.lengths.empty() && ranks != spec.ranks) {
      return Bad(
          "--sequence-lengths: R(document,query) and lengths of texts exclude each other: they go to two "
          "routes, got '" +
          options.sequence_lengths + "'");
    }
    spec.ranks = ranks;
    spec.lengths.push_back(std::move(length));
  }
  return absl::OkStatus();
}

absl::Status CheckLoad(const EmbedOptions& options, const FlagTable& flags, const Catalog& catalog) {
  const bool sustained = !options.max_concurrency.empty();
  const bool has_rate = !options.request_rate.empty();
  if (sustained && has_rate) return Bad("--max-concurrency and --request-rate exclude each other");
  if ((sustained || has_rate) && flags.WasGiven("batch-sizes")) {
    return Bad(std::string("--batch-sizes and ") + (sustained ? "--max-concurrency" : "--request-rate") +
               " exclude each other: one sends bursts, the other a steady load");
  }
  for (const char* flag : {"num-requests", "duration"}) {
    if (flags.WasGiven(flag) && !sustained && !has_rate) {
      return Bad(
          std::string("--") + flag +
          " needs --max-concurrency or --request-rate: a burst has as many requests as its batch size");
    }
  }
  if (flags.WasGiven("arrival") && !has_rate) return Bad("--arrival needs --request-rate");
  if (options.duration && *options.duration <= Duration::zero())
    return Bad("--duration: expected more than 0s");
  if (options.duration && options.num_requests) {
    return Bad("--duration and --num-requests exclude each other: both say when a run ends");
  }
  const std::string arrival = options.arrival.substr(0, options.arrival.find(':'));
  if (arrival == "trace" || catalog.arrivals.Find(arrival) == nullptr) {
    return Bad("--arrival: expected constant, poisson or gamma, got '" + options.arrival + "'");
  }
  return absl::OkStatus();
}

// Every length at every load: the loads outside, as the results are read.
void AddLevels(const std::string& prefix, int64_t in_flight, std::optional<int64_t> requests,
               const EmbedOptions& options, std::optional<double> rate, EmbedSpec& spec) {
  for (size_t i = 0; i < spec.lengths.size(); ++i) {
    SweepLevel level{
        .key = prefix + "_seq_" + spec.lengths[i].text, .in_flight = in_flight, .requests = requests};
    if (options.duration) level.duration = options.duration;
    spec.sweep.levels.push_back(std::move(level));
    spec.levels.push_back({.length = i, .rate = rate});
  }
  spec.most_in_flight = std::max(spec.most_in_flight, in_flight);
}

absl::Status MakeLevels(const EmbedOptions& options, const FlagTable& flags, const Catalog& catalog,
                        EmbedSpec& spec) {
  LLMDYNO_RETURN_IF_ERROR(CheckLoad(options, flags, catalog));
  if (!options.request_rate.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<double> rates,
                             ParseRates("request-rate", options.request_rate));
    for (const double rate : rates) {
      const double seconds = options.duration ? ToSeconds(*options.duration) : kUsualSecondsOfRate;
      const auto requests = options.num_requests.value_or(std::max<int64_t>(1, std::llround(rate * seconds)));
      // What is in flight when the endpoint stops answering: all that is sent until requests time out.
      const double patience = ToSeconds(options.connection.config.total_timeout);
      const double most = std::min({static_cast<double>(requests), rate * (patience > 0 ? patience : 1e9),
                                    static_cast<double>(kMostInFlight)});
      AddLevels("rate_" + NumberWord(rate), std::max<int64_t>(1, std::llround(most)), requests, options, rate,
                spec);
      spec.sweep_values.push_back(std::llround(rate));
      for (SweepLevel& level : spec.sweep.levels) level.duration.reset();  // the schedule ends by itself
    }
    return absl::OkStatus();
  }
  const bool sustained = !options.max_concurrency.empty();
  LLMDYNO_ASSIGN_OR_RETURN(
      spec.sweep_values,
      ParseWholeNumbers(sustained ? "max-concurrency" : "batch-sizes",
                        sustained ? options.max_concurrency : options.batch_sizes, kMostInFlight));
  for (const int64_t value : spec.sweep_values) {
    std::optional<int64_t> requests = value;
    if (sustained)
      requests = options.num_requests.value_or(std::max(kFewestRequests, kRequestsPerUser * value));
    if (sustained && options.duration) requests.reset();
    AddLevels((sustained ? "concurrency_" : "batch_") + std::to_string(value), value, requests, options, {},
              spec);
  }
  return absl::OkStatus();
}

// What the benchmark sends by itself.
absl::StatusOr<std::string> UsualDialect(const EmbedOptions& options, const FlagTable& flags,
                                         const EmbedSpec& spec) {
  if (spec.ranks) {
    for (const char* flag : {"encoding-format", "dimensions", "texts-per-request", "api"}) {
      if (flags.WasGiven(flag)) {
        return Bad(std::string("--") + flag + " is about embeddings, and --sequence-lengths " +
                   options.sequence_lengths + " asks for ranking");
      }
    }
    return "rerank:api=" + options.rerank_api;
  }
  std::string dialect = "embeddings:api=" + options.api + ",encoding_format=" + options.encoding_format;
  if (options.dimensions) dialect += ",dimensions=" + std::to_string(*options.dimensions);
  return dialect;
}

}  // namespace

absl::StatusOr<EmbedSpec> MakeEmbedSpec(EmbedOptions& options, const FlagTable& flags, const Catalog& catalog,
                                        const Diagnostics& diagnostics) {
  if (!options.endpoint.simulate.empty() && !flags.WasGiven(kUrlFlag)) options.endpoint.base_url.clear();
  LLMDYNO_RETURN_IF_ERROR(options.endpoint.Complete("llmdyno-embed", kUrlFlag));
  EmbedSpec spec;
  LLMDYNO_RETURN_IF_ERROR(options.endpoint.ApplyTo(spec.run, kUrlFlag));
  LLMDYNO_RETURN_IF_ERROR(options.connection.ApplyTo(spec.run));
  LLMDYNO_RETURN_IF_ERROR(ParseLengths(options, flags, catalog, spec));
  LLMDYNO_RETURN_IF_ERROR(MakeLevels(options, flags, catalog, spec));
  LLMDYNO_ASSIGN_OR_RETURN(const std::string usual, UsualDialect(options, flags, spec));
  spec.run.dialect.extra_body_json = options.extra_body;
  LLMDYNO_ASSIGN_OR_RETURN(spec.dialect,
                           ApplyDialect(options.extensions, usual, catalog, diagnostics, spec.run));
  spec.sweep.runs = options.num_runs;
  spec.sweep.warm_up_requests = options.warmup_runs;
  spec.run.transport.expected_concurrency = static_cast<int>(std::min<int64_t>(spec.most_in_flight, 1000));
  spec.run.seed = static_cast<uint64_t>(options.seed);
  spec.run.stop.consecutive_failures_at_start.reset();
  spec.run.stop.consecutive_failures.reset();
  spec.run.stop.refusals_at_start = kRefusalsAtStart;
  spec.results_file = options.results_dir.empty()
                          ? options.results_file
                          : (std::filesystem::path(options.results_dir) / options.results_file).string();
  return spec;
}

}  // namespace llmdyno
