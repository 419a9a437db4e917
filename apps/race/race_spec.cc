#include "race/race_spec.h"

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

  ClosedLoopConfig load;
  load.users = options.users;
  if (options.num_requests) load.users = std::min(options.users, *options.num_requests);
  load.ramp_users_per_second = options.spawn_rate;
  spec.load = load;
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
