#include "cli/endpoint_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

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

}  // namespace

absl::Status CheckReadable(std::string_view flag, const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  struct stat found {};
  const bool is_folder = ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
  if (!is_folder && ::access(path.c_str(), R_OK) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError("--" + std::string(flag) + ": expected a file that can be read, got '" +
                                    path + "' (" + (is_folder ? "a folder" : std::strerror(errno)) + ")");
}

absl::Status EndpointOptions::Complete(const std::string& program, const std::string& url_flag,
                                       const std::vector<std::string>& also_missing) {
  if (simulate.empty()) {
    std::vector<std::string> missing;
    if (base_url.empty()) missing.push_back("--" + url_flag);
    if (model.empty()) missing.emplace_back("--model");
    missing.insert(missing.end(), also_missing.begin(), also_missing.end());
    std::string list;
    for (const std::string& flag : missing) list += (list.empty() ? "" : ", ") + flag;
    if (!list.empty()) {
      return absl::InvalidArgumentError("missing " + list + "; or give --simulate PROFILE. See " + program +
                                        " --help");
    }
  } else if (!base_url.empty()) {
    return absl::InvalidArgumentError("--simulate and --" + url_flag +
                                      " exclude each other: there is one endpoint");
  }
  if (virtual_time && simulate.empty()) {
    return absl::InvalidArgumentError(
        "--virtual-time needs --simulate PROFILE: a real endpoint takes its time");
  }
  if (model.empty()) model = "simulated";
  if (api_key.empty()) {
    if (const char* key = std::getenv("OPENAI_API_KEY")) api_key = Secret(key);
  }
  return absl::OkStatus();
}

absl::Status EndpointOptions::ApplyTo(RunSpec& spec, const std::string& url_flag) const {
  if (!base_url.empty()) {
    absl::StatusOr<BaseUrl> url = BaseUrl::Parse(base_url);
    if (!url.ok()) {
      return absl::InvalidArgumentError("--" + url_flag + ": " + std::string(url.status().message()));
    }
    spec.endpoint.url = *std::move(url);
  }
  spec.endpoint.model = model;
  spec.endpoint.api_key = api_key;
  LLMDYNO_ASSIGN_OR_RETURN(spec.endpoint.headers, ParseHeaders(headers));
  return absl::OkStatus();
}

absl::Status RequestOptions::ApplyTo(RunSpec& spec) const {
  if (continuous_usage && (no_stream || no_usage)) {
    return absl::InvalidArgumentError(
        "--continuous-usage needs streams with usage: drop --no-stream and --no-usage");
  }
  if (!extra_body.empty() && !nlohmann::json::parse(extra_body, nullptr, false).is_object()) {
    return absl::InvalidArgumentError("--extra-body: expected a JSON object such as {\"top_p\":0.9}, got '" +
                                      extra_body + "'");
  }
  const bool is_chat = api == "chat";
  spec.dialect.route = is_chat ? OpenAiRoute::kChatCompletions : OpenAiRoute::kCompletions;
  spec.dialect.stream = !no_stream;
  spec.dialect.include_usage = !no_usage;
  spec.dialect.continuous_usage = continuous_usage;
  spec.dialect.ignore_eos = ignore_eos;
  spec.dialect.min_tokens = min_tokens;
  spec.dialect.temperature = temperature;
  spec.dialect.max_tokens_field = max_tokens_field;
  spec.dialect.extra_body_json = extra_body;
  spec.workload.request.body = is_chat ? PromptBody::kChat : PromptBody::kCompletion;
  return absl::OkStatus();
}

// 0 stands for "auto".
absl::StatusOr<int> ParseThreads(const std::string& text) {
  constexpr int kMost = 256;
  if (text == "auto") return 0;
  int threads = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
  if (error == std::errc() && end == text.data() + text.size() && threads >= 1 && threads <= kMost) {
    return threads;
  }
  return absl::InvalidArgumentError("--threads: expected a number from 1 to " + std::to_string(kMost) +
                                    " or auto, got '" + text + "'");
}

absl::Status ConnectionOptions::ApplyTo(RunSpec& spec) const {
  LLMDYNO_ASSIGN_OR_RETURN(spec.shards, ParseThreads(threads));
  LLMDYNO_RETURN_IF_ERROR(CheckReadable("cacert", config.ca_certificates));
  spec.transport = config;
  spec.transport.verify_tls = !insecure;
  spec.transport.use_kernel_stamps = !no_kernel_stamps;
  return absl::OkStatus();
}

void AddEndpointFlags(FlagTable& flags, EndpointOptions& options, const std::string& url_flag,
                      const std::vector<std::string>& url_aliases) {
  flags.Section("Endpoint");
  flags.Text(url_flag, options.base_url, "URL",
             "Put this endpoint under load: host root, /v1 root or the full path of a route (required "
             "without --simulate)");
  for (const std::string& alias : url_aliases) flags.Alias(alias);
  flags.Text("model", options.model, "NAME", "Ask for this model (required without --simulate)");
  flags.Confidential("api-key", options.api_key, "KEY",
                     "Send this key as a bearer token; never printed or stored [default: $OPENAI_API_KEY]");
  flags.Repeated("header", options.headers, "'NAME: VALUE'", "Send this header with every request");
  flags.Text("simulate", options.simulate, "PROFILE",
             "Use a simulated endpoint in this process instead, such as h100-llama-3.1-8b or fast:ttft=50ms; "
             "llmdyno-sim --help lists the profiles");
  flags.Switch("virtual-time", options.virtual_time,
               "With --simulate: without sockets, on a clock that does not wait; ten hours take seconds");
}

void AddRequestFlags(FlagTable& flags, RequestOptions& options) {
  flags.Section("How requests are spelled");
  flags.Choice("api", options.api, {"chat", "completions"}, "Use this route");
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
  if (!options.temperature) flags.DescribeDefault("the endpoint's");
  flags.Choice("max-tokens-field", options.max_tokens_field, {"max_tokens", "max_completion_tokens"},
               "Spell the limit of an answer like this");
  flags.Text("extra-body", options.extra_body, "JSON",
             "Merge this object into every request's body; null removes a field");
}

void AddConnectionFlags(FlagTable& flags, ConnectionOptions& options) {
  flags.Section("Connection (proxies as in curl: http_proxy, https_proxy, no_proxy)");
  flags.Time("connect-timeout", options.config.connect_timeout,
             "Fail when no connection stands after this time; 0: no limit");
  flags.Time("first-byte-timeout", options.config.first_byte_timeout,
             "Fail when no byte of the answer came this long after the send; 0: no limit");
  flags.Time("idle-timeout", options.config.idle_timeout,
             "Fail when an answer pauses for this long; 0: no limit");
  flags.Time("timeout", options.config.total_timeout,
             "Fail when a request is not finished after this time; 0: no limit");
  flags.Switch("insecure", options.insecure, "Accept any TLS certificate");
  flags.Text("cacert", options.config.ca_certificates, "FILE", "Trust the certificates of this PEM file");
  flags.Text(
      "threads", options.threads, "N|auto",
      "Send and receive on N threads, auto: one for each processor; what is sent is the same for any N");
  flags.Switch("no-kernel-stamps", options.no_kernel_stamps,
               "Stamp arrivals when the program wakes up, to see what kernel stamps are worth");
}

}  // namespace llmdyno
