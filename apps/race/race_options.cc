#include "race/race_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/prompt_dataset.h"

namespace llmdyno {
namespace {

constexpr int64_t kDefaultTargetTokens = 1'000'000;
constexpr int64_t kDefaultMaxTokens = 2048;
constexpr int64_t kDefaultOfflineMaxTokens = 250;

void AddEndpointFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Endpoint");
  flags.Text(
      "base-url", options.base_url, "URL",
      "Race this endpoint: host root, /v1 root or the full path of a route (required without --simulate)");
  flags.Alias("host");
  flags.Text("model", options.model, "NAME", "Ask for this model (required without --simulate)");
  flags.Text("engine", options.engine, "NAME",
             "Name the engine; part of the CSV's file name (required without --simulate)");
  flags.Confidential("api-key", options.api_key, "KEY",
                     "Send this key as a bearer token; never printed or stored [default: $OPENAI_API_KEY]");
  flags.Repeated("header", options.headers, "'NAME: VALUE'", "Send this header with every request");
  flags.Choice("api", options.api, {"chat", "completions"}, "Use this route");
  flags.Text(
      "simulate", options.simulate, "PROFILE",
      "Race a simulated endpoint in this process instead, such as h100-llama-3.1-8b or fast:ttft=50ms; "
      "llmdyno-sim --help lists the profiles");
}

void AddTargetFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Target");
  flags.Integer("target-tokens", options.target_tokens, {}, "N", "Stop at this many output tokens");
  flags.DescribeDefault("1000000, unless --num-requests or --duration is given");
  flags.Integer("num-requests", options.num_requests, {}, "N",
                "Run an offline batch instead: send this many requests and stop when all have ended");
  flags.Alias("num-samples");
  flags.Time("duration", options.duration, "Stop after this time");
  flags.Time("max-duration", options.max_duration,
             "Give up after this time if the target was not reached; exit status 4");
  flags.DescribeDefault("none");
  flags.Integer("max-consecutive-failures", options.max_consecutive_failures, {1, 1'000'000}, "N",
                "Give up after this many failures in a row (10 before the first success); exit status 3");
  flags.Time("drain-timeout", options.drain_timeout,
             "Let requests in flight at the finish line end for this long, then cancel them");
}

void AddLoadFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Load");
  flags.Integer("users", options.users, {1, 1'000'000}, "N", "Keep this many users busy, one request each");
  flags.Real("spawn-rate", options.spawn_rate, 0, "PER_S",
             "Start this many users a second; 0 starts all at once");
  flags.Integer("max-num-seqs", options.max_num_seqs, {1, 1'000'000}, "N",
                "Keep this many requests in flight, all from the start (offline batch)");
  flags.DescribeDefault("256 with --num-requests");
  flags.Integer("warmup-requests", options.warmup_requests, {0, 1'000'000}, "N",
                "Send this many requests before the race; they are in no figure");
}

void AddWorkloadFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Prompts");
  flags.Text("dataset", options.dataset, "NAME",
             "Draw prompts from this dataset: synthetic, dolly, sharegpt, billsum");
  flags.DescribeDefault("dolly where ./datasets has its file, else synthetic");
  flags.Text("dataset-path", options.dataset_path, "FILE", "Read the dataset from this file");
  flags.DescribeDefault("its usual name under ./datasets");
  flags.Integer("prompt-min-tokens", options.prompt_min_tokens, {1, 10'000'000}, "N",
                "Use prompts of at least this many tokens (the user's part)");
  flags.Integer("prompt-max-tokens", options.prompt_max_tokens, {1, 10'000'000}, "N",
                "Use prompts of at most this many tokens");
  flags.Text("system-prompt", options.system_prompt, "TEXT", "Send this system prompt; empty for none");
  flags.DescribeDefault("a short one of our own");
  flags.Integer("max-tokens", options.max_tokens, {1, 10'000'000}, "N",
                "Limit each answer to this many tokens");
  flags.Alias("max-generated-tokens");
  flags.DescribeDefault("2048, or 250 with --num-requests");
  flags.Integer("seed", options.seed, {0, INT64_MAX}, "N", "Repeat the same requests in the same order");
  flags.Text("tokenizer", options.tokenizer, "NAME",
             "Note the tokenizer's name in the results; counts come from the endpoint itself");
}

void AddRequestFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Requests");
  flags.Switch("ignore-eos", options.ignore_eos, "Ask for exactly --max-tokens tokens (vLLM, SGLang, TGI)");
  flags.Integer("min-tokens", options.min_tokens, {0, 10'000'000}, "N",
                "Ask for at least this many tokens (vLLM)");
  flags.Switch(
      "continuous-usage", options.continuous_usage,
      "Ask for a token count in every chunk, so that chunks of several tokens are weighted rightly (vLLM)");
  flags.Switch("no-usage", options.no_usage,
               "Do not ask for usage in streams (for endpoints that refuse it)");
  flags.Switch("no-stream", options.no_stream, "Ask for whole answers instead of streams");
  flags.Real("temperature", options.temperature, 0, "X", "Sample with this temperature");
  flags.DescribeDefault("the endpoint's");
  flags.Choice("max-tokens-field", options.max_tokens_field, {"max_tokens", "max_completion_tokens"},
               "Spell the limit of an answer like this");
  flags.Text("extra-body", options.extra_body, "JSON",
             "Merge this object into every request's body; null removes a field");
}

void AddConnectionFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Connection (proxies as in curl: http_proxy, https_proxy, no_proxy)");
  flags.Time("connect-timeout", options.connect_timeout,
             "Fail when no connection stands after this time; 0: no limit");
  flags.Time("first-byte-timeout", options.first_byte_timeout,
             "Fail when no byte of the answer came this long after the send; 0: no limit");
  flags.Time("idle-timeout", options.idle_timeout, "Fail when an answer pauses for this long; 0: no limit");
  flags.Time("timeout", options.timeout, "Fail when a request is not finished after this time; 0: no limit");
  flags.Switch("insecure", options.insecure, "Accept any TLS certificate");
  flags.Text("cacert", options.cacert, "FILE", "Trust the certificates of this PEM file");
  flags.Switch("no-kernel-stamps", options.no_kernel_stamps,
               "Stamp arrivals when the program wakes up, to see what kernel stamps are worth");
}

void AddOutputFlags(FlagTable& flags, RaceOptions& options) {
  flags.Section("Output");
  flags.Text("output-dir", options.output_dir, "DIR", "Write results into a new folder under this one");
  flags.Switch("save-text", options.save_text, "Keep prompts and answers in the CSV and the record log");
  flags.Switch("plain", options.plain, "Print progress line by line even on a terminal");
  flags.Real("price-per-hour", options.price_per_hour, 0, "USD",
             "Compute costs from this price of the machine");
}

absl::Status CheckRequired(const RaceOptions& options) {
  std::string missing;
  const auto need = [&](const std::string& value, std::string_view flag) {
    if (value.empty()) missing += (missing.empty() ? "" : ", ") + std::string(flag);
  };
  if (options.simulate.empty()) {
    need(options.base_url, "--host (or --base-url)");
    need(options.model, "--model");
    need(options.engine, "--engine");
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError("missing " + missing +
                                    "; or give --simulate PROFILE. See llmdyno-race --help");
}

absl::Status CheckTogether(const RaceOptions& options) {
  if (!options.simulate.empty() && !options.base_url.empty()) {
    return absl::InvalidArgumentError("--simulate and --base-url exclude each other: there is one endpoint");
  }
  if (options.prompt_min_tokens > options.prompt_max_tokens) {
    return absl::InvalidArgumentError("--prompt-min-tokens " + std::to_string(options.prompt_min_tokens) +
                                      " is above --prompt-max-tokens " +
                                      std::to_string(options.prompt_max_tokens));
  }
  if (options.continuous_usage && (options.no_stream || options.no_usage)) {
    return absl::InvalidArgumentError(
        "--continuous-usage needs streams with usage: drop --no-stream and --no-usage");
  }
  if (!options.extra_body.empty() && !nlohmann::json::parse(options.extra_body, nullptr, false).is_object()) {
    return absl::InvalidArgumentError("--extra-body: expected a JSON object such as {\"top_p\":0.9}, got '" +
                                      options.extra_body + "'");
  }
  if (options.engine.find('/') != std::string::npos) {
    return absl::InvalidArgumentError("--engine '" + options.engine +
                                      "' is part of a file name and may hold no '/'");
  }
  return absl::OkStatus();
}

// Before anything is sent: the prompts are counted with the endpoint's help.
absl::Status CheckReadable(std::string_view flag, const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  struct stat found {};
  const bool is_folder = ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
  if (!is_folder && ::access(path.c_str(), R_OK) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError("--" + std::string(flag) + ": expected a file that can be read, got '" +
                                    path + "' (" + (is_folder ? "a folder" : std::strerror(errno)) + ")");
}

absl::StatusOr<BaseUrl> ParseBaseUrl(const std::string& text) {
  absl::StatusOr<BaseUrl> url = BaseUrl::Parse(text);
  if (url.ok()) return url;
  return absl::InvalidArgumentError("--base-url: " + std::string(url.status().message()));
}

absl::StatusOr<std::vector<HttpHeader>> ParseHeaders(const std::vector<std::string>& texts) {
  std::vector<HttpHeader> headers;
  for (const std::string& text : texts) {
    const size_t colon = text.find(':');
    const bool has_break = text.find_first_of("\r\n") != std::string::npos;
    if (colon == std::string::npos || colon == 0 || has_break) {
      // The value may be confidential: it is not quoted.
      return absl::InvalidArgumentError("--header: expected 'NAME: VALUE' on one line, got a text of " +
                                        std::to_string(text.size()) + " characters without that form");
    }
    const size_t value = text.find_first_not_of(' ', colon + 1);
    headers.push_back({text.substr(0, colon), value == std::string::npos ? "" : text.substr(value)});
  }
  return headers;
}

// The reference system's default is dolly, which it downloads; we read local files only, and without one the
// race runs on synthetic text.
std::string DefaultDataset() {
  struct stat unused {};
  return ::stat("datasets/databricks-dolly-15k.jsonl", &unused) == 0 ? "dolly" : "synthetic";
}

void FillDefaults(RaceOptions& options, const FlagTable& flags) {
  if (!options.target_tokens && !options.num_requests && !options.duration) {
    options.target_tokens = kDefaultTargetTokens;
  }
  if (!options.max_tokens)
    options.max_tokens = options.is_offline() ? kDefaultOfflineMaxTokens : kDefaultMaxTokens;
  if (options.dataset.empty()) options.dataset = DefaultDataset();
  if (options.is_offline() && !flags.WasGiven("users") && !options.max_num_seqs) options.max_num_seqs = 256;
  if (options.max_num_seqs) options.users = *options.max_num_seqs;
  // A batch is there as a whole from the start.
  if ((options.is_offline() || options.max_num_seqs) && !flags.WasGiven("spawn-rate")) options.spawn_rate = 0;
  if (options.api_key.empty()) {
    if (const char* key = std::getenv("OPENAI_API_KEY")) options.api_key = Secret(key);
  }
  if (!options.simulate.empty()) {
    const std::string profile = options.simulate.substr(0, options.simulate.find(':'));
    if (options.model.empty()) options.model = "simulated";
    if (options.engine.empty()) options.engine = "simulated-" + profile;
  }
}

}  // namespace

FlagTable MakeRaceFlags(RaceOptions& options) {
  FlagTable flags("llmdyno-race", "races an OpenAI-compatible endpoint to a number of output tokens.");
  AddEndpointFlags(flags, options);
  AddTargetFlags(flags, options);
  AddLoadFlags(flags, options);
  AddWorkloadFlags(flags, options);
  AddRequestFlags(flags, options);
  AddConnectionFlags(flags, options);
  AddOutputFlags(flags, options);
  return flags;
}

absl::StatusOr<RunSpec> MakeRaceSpec(RaceOptions& options, const FlagTable& flags) {
  LLMDYNO_RETURN_IF_ERROR(CheckRequired(options));
  LLMDYNO_RETURN_IF_ERROR(CheckTogether(options));
  LLMDYNO_RETURN_IF_ERROR(CheckReadable("dataset-path", options.dataset_path));
  LLMDYNO_RETURN_IF_ERROR(CheckReadable("cacert", options.cacert));
  FillDefaults(options, flags);
  RunSpec spec;
  if (!options.base_url.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(spec.endpoint.url, ParseBaseUrl(options.base_url));
  }
  spec.endpoint.model = options.model;
  spec.endpoint.api_key = options.api_key;
  LLMDYNO_ASSIGN_OR_RETURN(spec.endpoint.headers, ParseHeaders(options.headers));

  const bool is_chat = options.api == "chat";
  spec.dialect.route = is_chat ? OpenAiRoute::kChatCompletions : OpenAiRoute::kCompletions;
  spec.dialect.stream = !options.no_stream;
  spec.dialect.include_usage = !options.no_usage;
  spec.dialect.continuous_usage = options.continuous_usage;
  spec.dialect.ignore_eos = options.ignore_eos;
  spec.dialect.min_tokens = options.min_tokens;
  spec.dialect.temperature = options.temperature;
  spec.dialect.max_tokens_field = options.max_tokens_field;
  spec.dialect.extra_body_json = options.extra_body;

  spec.workload.name = options.dataset;
  spec.workload.path = options.dataset_path;
  spec.workload.tokens = {options.prompt_min_tokens, options.prompt_max_tokens};
  spec.workload.request.body = is_chat ? PromptBody::kChat : PromptBody::kCompletion;
  if (options.system_prompt) spec.workload.request.system_prompt = *options.system_prompt;
  spec.workload.request.max_output_tokens = options.max_tokens;

  spec.load.users = options.users;
  if (options.num_requests) spec.load.users = std::min(options.users, *options.num_requests);
  spec.load.ramp_users_per_second = options.spawn_rate;
  spec.stop.output_tokens = options.target_tokens;
  spec.stop.requests = options.num_requests;
  spec.stop.duration = options.duration;
  spec.stop.max_duration = options.max_duration;
  spec.stop.consecutive_failures = options.max_consecutive_failures;
  spec.stop.consecutive_failures_at_start = std::min<int64_t>(10, options.max_consecutive_failures);

  spec.transport.connect_timeout = options.connect_timeout;
  spec.transport.first_byte_timeout = options.first_byte_timeout;
  spec.transport.idle_timeout = options.idle_timeout;
  spec.transport.total_timeout = options.timeout;
  spec.transport.verify_tls = !options.insecure;
  spec.transport.ca_certificates = options.cacert;
  spec.transport.use_kernel_stamps = !options.no_kernel_stamps;
  spec.transport.expected_concurrency = static_cast<int>(options.users);

  spec.warm_up_requests = options.warmup_requests;
  spec.drain_timeout = options.drain_timeout;
  spec.seed = static_cast<uint64_t>(options.seed);
  spec.keep_texts = options.save_text;
  LLMDYNO_RETURN_IF_ERROR(spec.Validate());
  return spec;
}

}  // namespace llmdyno
