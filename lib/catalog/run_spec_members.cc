#include "catalog/run_spec_members.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

// A member that is a field of the spec and nothing else. `field` is called with a RunSpec& and a const one.
template <typename Field>
RunSpecMember Plain(std::string group, std::string name, Field field, LoopKind loop = LoopKind::kAny) {
  return {std::move(group), std::move(name), loop,
          [field](const Json& value, RunSpec& spec) { return ReadValue(value, field(spec)); },
          [field](const RunSpec& spec) { return std::optional(WrittenValue(field(spec))); }};
}

// Read and never written.
RunSpecMember ReadOnly(std::string group, std::string name,
                       std::function<absl::Status(const Json&, RunSpec&)> read,
                       LoopKind loop = LoopKind::kAny) {
  return {std::move(group), std::move(name), loop, std::move(read),
          [](const RunSpec&) { return std::optional<Json>(); }};
}

absl::Status ReadUrl(const Json& value, RunSpec& spec) {
  std::string text;
  LLMDYNO_RETURN_IF_ERROR(ReadValue(value, text));
  LLMDYNO_ASSIGN_OR_RETURN(spec.endpoint.url, BaseUrl::Parse(text));
  return absl::OkStatus();
}

// Neither of the next three quotes what it was given.
absl::Status ReadKey(const Json& value, RunSpec& spec) {
  if (!value.is_string()) return absl::InvalidArgumentError("expected a text (it is not shown here)");
  spec.endpoint.api_key = Secret(value.get<std::string>());
  return absl::OkStatus();
}

absl::Status ReadKeyFromEnvironment(const Json& value, RunSpec& spec) {
  std::string name;
  LLMDYNO_RETURN_IF_ERROR(ReadValue(value, name));
  const char* const key = std::getenv(name.c_str());
  if (key == nullptr) {
    return absl::InvalidArgumentError("the environment variable '" + name + "' is not set");
  }
  spec.endpoint.api_key = Secret(key);
  return absl::OkStatus();
}

absl::Status ReadHeaders(const Json& value, RunSpec& spec) {
  constexpr const char* kExpected =
      R"(expected an object such as {"X-Tenant": "blue"}, each value a text on one line)";
  if (!value.is_object()) return absl::InvalidArgumentError(kExpected);
  spec.endpoint.headers.clear();
  for (const auto& [name, content] : value.items()) {
    const bool is_name = !name.empty() && name.find_first_of(":\r\n") == std::string::npos;
    if (!is_name || !content.is_string()) return absl::InvalidArgumentError(kExpected);
    auto text = content.get<std::string>();
    if (text.find_first_of("\r\n") != std::string::npos) return absl::InvalidArgumentError(kExpected);
    spec.endpoint.headers.push_back({name, std::move(text)});
  }
  return absl::OkStatus();
}

// The bodies of prompts follow the route that takes them.
absl::Status ReadRoute(const Json& value, RunSpec& spec) {
  if (value != "chat" && value != "completions") return Expected(R"("chat" or "completions")", value);
  const bool is_chat = value == "chat";
  spec.dialect.route = is_chat ? OpenAiRoute::kChatCompletions : OpenAiRoute::kCompletions;
  spec.workload.request.body = is_chat ? PromptBody::kChat : PromptBody::kCompletion;
  return absl::OkStatus();
}

std::optional<Json> WriteRoute(const RunSpec& spec) {
  return spec.dialect.route == OpenAiRoute::kChatCompletions ? "chat" : "completions";
}

absl::Status ReadExtraBody(const Json& value, RunSpec& spec) {
  if (!value.is_object()) return Expected(R"(an object such as {"top_p": 0.9})", value);
  spec.dialect.extra_body_json = value.empty() ? "" : value.dump();
  return absl::OkStatus();
}

std::optional<Json> WriteExtraBody(const RunSpec& spec) {
  if (spec.dialect.extra_body_json.empty()) return Json::object();
  Json json = Json::parse(spec.dialect.extra_body_json, nullptr, false);
  return json.is_object() ? std::move(json) : Json::object();
}

// JSON has no infinity.
absl::Status ReadRate(const Json& value, RunSpec& spec) {
  double& rate = std::get<OpenLoopConfig>(spec.load).schedule.rate.final_per_second;
  if (value != "inf") return ReadValue(value, rate);
  rate = std::numeric_limits<double>::infinity();
  return absl::OkStatus();
}

std::optional<Json> WriteRate(const RunSpec& spec) {
  const double rate = std::get<OpenLoopConfig>(spec.load).schedule.rate.final_per_second;
  return std::isfinite(rate) ? Json(rate) : Json("inf");
}

// As many requests as the rate makes in this time. A ramp that is longer than it would not come to its end.
absl::Status ReadLoadTime(const Json& value, RunSpec& spec) {
  Duration time{};
  LLMDYNO_RETURN_IF_ERROR(ReadValue(value, time));
  ArrivalSchedule& schedule = std::get<OpenLoopConfig>(spec.load).schedule;
  const RateProfile& rate = schedule.rate;
  if (rate.ramp > time) return Expected("a time as long as load.ramp or longer", value);
  const double requests = rate.final_per_second * ToSeconds(time) -
                          (rate.final_per_second - rate.initial_per_second.value_or(rate.final_per_second)) /
                              2 * ToSeconds(rate.ramp);
  constexpr double kMostRequests = 1e9;
  if (!(requests >= 0.5 && requests <= kMostRequests)) {
    return Expected("a time in which the rate makes 1 to 1000000000 requests", value);
  }
  schedule.requests = std::llround(requests);
  return absl::OkStatus();
}

auto& Closed(RunSpec& spec) { return std::get<ClosedLoopConfig>(spec.load); }
const auto& Closed(const RunSpec& spec) { return std::get<ClosedLoopConfig>(spec.load); }
auto& Open(RunSpec& spec) { return std::get<OpenLoopConfig>(spec.load); }
const auto& Open(const RunSpec& spec) { return std::get<OpenLoopConfig>(spec.load); }

// Each group has a function, so that one can find a member; `s` is a RunSpec.
#define LLMDYNO_FIELD(expression) \
  [](auto& s) -> auto& { return expression; }

void AddEndpoint(std::vector<RunSpecMember>& table) {
  table.push_back({"endpoint", "url", LoopKind::kAny, ReadUrl,
                   [](const RunSpec& s) { return std::optional<Json>(ToString(s.endpoint.url)); }});
  table.push_back(Plain("endpoint", "model", LLMDYNO_FIELD(s.endpoint.model)));
  table.push_back(ReadOnly("endpoint", "api_key", ReadKey));
  table.push_back(ReadOnly("endpoint", "api_key_env", ReadKeyFromEnvironment));
  table.push_back(ReadOnly("endpoint", "headers", ReadHeaders));
}

void AddApi(std::vector<RunSpecMember>& table) {
  table.push_back(Plain("api", "dialect", LLMDYNO_FIELD(s.dialect_name)));
  table.push_back({"api", "route", LoopKind::kAny, ReadRoute, WriteRoute});
  table.push_back(Plain("api", "stream", LLMDYNO_FIELD(s.dialect.stream)));
  table.push_back(Plain("api", "include_usage", LLMDYNO_FIELD(s.dialect.include_usage)));
  table.push_back(Plain("api", "continuous_usage", LLMDYNO_FIELD(s.dialect.continuous_usage)));
  table.push_back(Plain("api", "ignore_eos", LLMDYNO_FIELD(s.dialect.ignore_eos)));
  table.push_back(Plain("api", "n", LLMDYNO_FIELD(s.dialect.n)));
  table.push_back(Plain("api", "min_tokens", LLMDYNO_FIELD(s.dialect.min_tokens)));
  table.push_back(Plain("api", "temperature", LLMDYNO_FIELD(s.dialect.temperature)));
  table.push_back(Plain("api", "seed", LLMDYNO_FIELD(s.dialect.seed)));
  table.push_back(Plain("api", "max_tokens_field", LLMDYNO_FIELD(s.dialect.max_tokens_field)));
  table.push_back({"api", "extra_body", LoopKind::kAny, ReadExtraBody, WriteExtraBody});
}

void AddWorkload(std::vector<RunSpecMember>& table) {
  table.push_back(Plain("workload", "name", LLMDYNO_FIELD(s.workload.name)));
  table.push_back(Plain("workload", "path", LLMDYNO_FIELD(s.workload.path)));
  table.push_back(Plain("workload", "format", LLMDYNO_FIELD(s.workload.format)));
  table.push_back(Plain("workload", "shuffle", LLMDYNO_FIELD(s.workload.shuffle)));
  table.push_back(Plain("workload", "prepared_requests", LLMDYNO_FIELD(s.workload.requests)));
  table.push_back(Plain("workload", "prompt_min_tokens", LLMDYNO_FIELD(s.workload.tokens.min_tokens)));
  table.push_back(Plain("workload", "prompt_max_tokens", LLMDYNO_FIELD(s.workload.tokens.max_tokens)));
  table.push_back(Plain("workload", "system_prompt", LLMDYNO_FIELD(s.workload.request.system_prompt)));
  table.push_back(Plain("workload", "max_tokens", LLMDYNO_FIELD(s.workload.request.max_output_tokens)));
  table.push_back(Plain("workload", "max_requests", LLMDYNO_FIELD(s.workload.request.max_requests)));
}

void AddLoad(std::vector<RunSpecMember>& table) {
  const auto closed = LoopKind::kClosed;
  table.push_back(Plain("load", "users", LLMDYNO_FIELD(Closed(s).users), closed));
  table.push_back(Plain("load", "users_per_second", LLMDYNO_FIELD(Closed(s).ramp_users_per_second), closed));
  table.push_back(Plain("load", "first_backoff", LLMDYNO_FIELD(Closed(s).first_backoff), closed));
  table.push_back(Plain("load", "max_backoff", LLMDYNO_FIELD(Closed(s).max_backoff), closed));
  table.push_back(Plain("load", "max_retry_after", LLMDYNO_FIELD(Closed(s).max_retry_after), closed));
  const auto open = LoopKind::kOpen;
  table.push_back({"load", "rate", open, ReadRate, WriteRate});
  table.push_back(Plain("load", "arrivals", LLMDYNO_FIELD(Open(s).arrivals), open));
  table.push_back(
      Plain("load", "initial_rate", LLMDYNO_FIELD(Open(s).schedule.rate.initial_per_second), open));
  table.push_back(Plain("load", "ramp", LLMDYNO_FIELD(Open(s).schedule.rate.ramp), open));
  table.push_back(Plain("load", "requests", LLMDYNO_FIELD(Open(s).schedule.requests), open));
  table.push_back(ReadOnly("load", "duration", ReadLoadTime, open));
  table.push_back(Plain("load", "max_in_flight", LLMDYNO_FIELD(Open(s).max_in_flight), open));
}

void AddStop(std::vector<RunSpecMember>& table) {
  table.push_back(Plain("stop", "output_tokens", LLMDYNO_FIELD(s.stop.output_tokens)));
  table.push_back(Plain("stop", "requests", LLMDYNO_FIELD(s.stop.requests)));
  table.push_back(Plain("stop", "duration", LLMDYNO_FIELD(s.stop.duration)));
  table.push_back(Plain("stop", "max_duration", LLMDYNO_FIELD(s.stop.max_duration)));
  table.push_back(
      Plain("stop", "consecutive_failures_at_start", LLMDYNO_FIELD(s.stop.consecutive_failures_at_start)));
  table.push_back(Plain("stop", "consecutive_failures", LLMDYNO_FIELD(s.stop.consecutive_failures)));
  table.push_back(Plain("stop", "refusals_at_start", LLMDYNO_FIELD(s.stop.refusals_at_start)));
  table.push_back(Plain("stop", "settle", LLMDYNO_FIELD(s.stop.settle)));
}

void AddTransport(std::vector<RunSpecMember>& table) {
  table.push_back(Plain("transport", "connect_timeout", LLMDYNO_FIELD(s.transport.connect_timeout)));
  table.push_back(Plain("transport", "first_byte_timeout", LLMDYNO_FIELD(s.transport.first_byte_timeout)));
  table.push_back(Plain("transport", "idle_timeout", LLMDYNO_FIELD(s.transport.idle_timeout)));
  table.push_back(Plain("transport", "total_timeout", LLMDYNO_FIELD(s.transport.total_timeout)));
  table.push_back(Plain("transport", "verify_tls", LLMDYNO_FIELD(s.transport.verify_tls)));
  table.push_back(Plain("transport", "ca_certificates", LLMDYNO_FIELD(s.transport.ca_certificates)));
  table.push_back(Plain("transport", "kernel_stamps", LLMDYNO_FIELD(s.transport.use_kernel_stamps)));
  table.push_back(
      Plain("transport", "expected_concurrency", LLMDYNO_FIELD(s.transport.expected_concurrency)));
}

void AddRun(std::vector<RunSpecMember>& table) {
  table.push_back(Plain("", "warm_up_requests", LLMDYNO_FIELD(s.warm_up_requests)));
  table.push_back(Plain("", "drain_timeout", LLMDYNO_FIELD(s.drain_timeout)));
  table.push_back(Plain("", "seed", LLMDYNO_FIELD(s.seed)));
  table.push_back(Plain("", "level", LLMDYNO_FIELD(s.level)));
  table.push_back(Plain("", "first_request_id", LLMDYNO_FIELD(s.first_request_id)));
  table.push_back(Plain("", "keep_texts", LLMDYNO_FIELD(s.keep_texts)));
  table.push_back(Plain("", "threads", LLMDYNO_FIELD(s.shards)));
  table.push_back(Plain("", "price_per_hour", LLMDYNO_FIELD(s.price_per_hour)));
}

#undef LLMDYNO_FIELD

std::vector<RunSpecMember> MakeTable() {
  std::vector<RunSpecMember> table;
  AddEndpoint(table);
  AddApi(table);
  AddWorkload(table);
  AddLoad(table);
  AddStop(table);
  AddTransport(table);
  AddRun(table);
  return table;
}

}  // namespace

std::span<const RunSpecMember> RunSpecMemberTable() {
  static const std::vector<RunSpecMember> table = MakeTable();
  return table;
}

}  // namespace llmdyno
