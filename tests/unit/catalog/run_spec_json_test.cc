#include "llmdyno/catalog/run_spec_json.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

Json Smallest() {
  return {{"endpoint", {{"url", "localhost:8000"}, {"model", "m"}}}, {"stop", {{"requests", 100}}}};
}

RunSpec Parsed(const Json& json) {
  const auto spec = ParseRunSpec(json.dump());
  INFO(spec.status().ToString());
  REQUIRE(spec.ok());
  return *spec;
}

std::string Refusal(const Json& json) {
  const auto spec = ParseRunSpec(json.dump());
  CHECK(spec.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(spec.status().message());
}

// With one member changed.
Json With(Json json, const std::string& group, const std::string& name, const Json& value) {
  (group.empty() ? json : json[group])[name] = value;
  return json;
}

// No member has its default, but for one: tokens of every chunk are told in streams only.
Json NothingAtItsDefault() {
  return {{"endpoint", {{"url", "https://host:1/openai/v1"}, {"model", "big"}}},
          {"api",
           {{"dialect", "mine:version=2"},
            {"route", "completions"},
            {"stream", false},
            {"include_usage", false},
            {"continuous_usage", false},
            {"ignore_eos", true},
            {"n", 2},
            {"min_tokens", 5},
            {"temperature", 0.5},
            {"seed", 9},
            {"max_tokens_field", "max_completion_tokens"},
            {"extra_body", {{"top_p", 0.9}}}}},
          {"workload",
           {{"name", "file"},
            {"path", "a.jsonl"},
            {"format", "sharegpt"},
            {"shuffle", true},
            {"prepared_requests", 7},
            {"prompt_min_tokens", 3},
            {"prompt_max_tokens", 4},
            {"system_prompt", ""},
            {"max_tokens", nullptr},
            {"max_requests", 50}}},
          {"load",
           {{"users", 3},
            {"users_per_second", 1.5},
            {"first_backoff", "1ms"},
            {"max_backoff", "1s"},
            {"max_retry_after", "2s"}}},
          {"stop",
           {{"output_tokens", 1000},
            {"requests", 11},
            {"duration", "90s"},
            {"max_duration", "1h"},
            {"consecutive_failures_at_start", nullptr},
            {"consecutive_failures", 5},
            {"refusals_at_start", 6},
            {"settle", "3s"}}},
          {"transport",
           {{"connect_timeout", "1s"},
            {"first_byte_timeout", "2s"},
            {"idle_timeout", "3s"},
            {"total_timeout", "4s"},
            {"verify_tls", false},
            {"ca_certificates", "ca.pem"},
            {"kernel_stamps", false},
            {"expected_concurrency", 12}}},
          {"warm_up_requests", 13},
          {"drain_timeout", "14s"},
          {"seed", 18446744073709551615U},
          {"level", 1},
          {"first_request_id", 2},
          {"keep_texts", true},
          {"threads", 3},
          {"price_per_hour", 1.47}};
}

Json OpenLoop() {
  Json json = NothingAtItsDefault();
  json["api"]["stream"] = json["api"]["include_usage"] = json["api"]["continuous_usage"] = true;
  json["load"] = {{"rate", 5.0},         {"arrivals", "gamma:burstiness=0.5"},
                  {"initial_rate", 1.0}, {"ramp", "10s"},
                  {"requests", 1000},    {"max_in_flight", 64}};
  return json;
}

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What the parser knows and ToJson leaves out.
const std::set<std::string> kNotWritten = {"endpoint.api_key", "endpoint.api_key_env", "endpoint.headers",
                                           "load.duration"};

}  // namespace

TEST_CASE("A run spec that says where, what model and how long is enough", "[run_spec_json]") {
  const RunSpec spec = Parsed(Smallest());
  CHECK(ToString(spec.endpoint.url) == "http://localhost:8000/v1");
  CHECK(spec.endpoint.model == "m");
  CHECK(spec.workload.name == "synthetic");
  CHECK(std::get<ClosedLoopConfig>(spec.load).users == ClosedLoopConfig().users);
  CHECK(spec.stop.requests == 100);
  CHECK(spec.stop.consecutive_failures == StopCondition().consecutive_failures);
  CHECK(spec.drain_timeout == RunSpec().drain_timeout);
  CHECK(spec.transport.expected_concurrency == 80);  // the users
  CHECK_FALSE(spec.price_per_hour);
}

TEST_CASE("A run spec is written as it was read, whatever its members are", "[run_spec_json]") {
  for (const Json& json : {NothingAtItsDefault(), OpenLoop()}) {
    CHECK(Json::parse(ToJson(Parsed(json))) == json);
  }
  // Written with its defaults it reads as the same again.
  const std::string smallest = ToJson(Parsed(Smallest()));
  CHECK(ToJson(Parsed(Json::parse(smallest))) == smallest);
}

TEST_CASE("Every member of a run spec reaches the field that it is named after", "[run_spec_json]") {
  const RunSpec spec = Parsed(NothingAtItsDefault());
  CHECK(ToString(spec.endpoint.url) == "https://host:1/openai/v1");
  CHECK(spec.dialect_name == "mine:version=2");
  CHECK(spec.dialect.route == OpenAiRoute::kCompletions);
  CHECK(spec.workload.request.body == PromptBody::kCompletion);
  CHECK_FALSE(spec.dialect.stream);
  CHECK_FALSE(spec.dialect.include_usage);
  CHECK_FALSE(spec.dialect.continuous_usage);
  CHECK(Parsed(OpenLoop()).dialect.continuous_usage);
  CHECK(spec.dialect.ignore_eos);
  CHECK(spec.dialect.n == 2);
  CHECK(spec.dialect.min_tokens == 5);
  CHECK(spec.dialect.temperature == 0.5);
  CHECK(spec.dialect.seed == 9);
  CHECK(spec.dialect.max_tokens_field == "max_completion_tokens");
  CHECK(spec.dialect.extra_body_json == R"({"top_p":0.9})");
  CHECK(spec.workload.path == "a.jsonl");
  CHECK(spec.workload.format == "sharegpt");
  CHECK(spec.workload.shuffle);
  CHECK(spec.workload.requests == 7);
  CHECK(spec.workload.tokens.min_tokens == 3);
  CHECK(spec.workload.tokens.max_tokens == 4);
  CHECK(spec.workload.request.system_prompt.empty());
  CHECK_FALSE(spec.workload.request.max_output_tokens);
  CHECK(spec.workload.request.max_requests == 50);
  const auto& load = std::get<ClosedLoopConfig>(spec.load);
  CHECK(load.users == 3);
  CHECK(load.ramp_users_per_second == 1.5);
  CHECK(load.first_backoff == 1ms);
  CHECK(load.max_backoff == 1s);
  CHECK(load.max_retry_after == 2s);
  CHECK(spec.stop.output_tokens == 1000);
  CHECK(spec.stop.duration == 90s);
  CHECK(spec.stop.max_duration == 1h);
  CHECK_FALSE(spec.stop.consecutive_failures_at_start);
  CHECK(spec.stop.consecutive_failures == 5);
  CHECK(spec.stop.refusals_at_start == 6);
  CHECK(spec.stop.settle == 3s);
  CHECK(spec.transport.connect_timeout == 1s);
  CHECK(spec.transport.first_byte_timeout == 2s);
  CHECK(spec.transport.idle_timeout == 3s);
  CHECK(spec.transport.total_timeout == 4s);
  CHECK_FALSE(spec.transport.verify_tls);
  CHECK(spec.transport.ca_certificates == "ca.pem");
  CHECK_FALSE(spec.transport.use_kernel_stamps);
  CHECK(spec.transport.expected_concurrency == 12);
  CHECK(spec.warm_up_requests == 13);
  CHECK(spec.drain_timeout == 14s);
  CHECK(spec.seed == 18446744073709551615U);
  CHECK(spec.level == 1);
  CHECK(spec.first_request_id == 2);
  CHECK(spec.keep_texts);
  CHECK(spec.shards == 3);
  CHECK(spec.price_per_hour == MicroUsd::FromUsd(1.47));
}

TEST_CASE("A rate makes an open loop, in which each request counts by how it ends", "[run_spec_json]") {
  Json json = Smallest();
  json.erase("stop");
  json["load"] = {{"rate", 20}, {"duration", "30s"}, {"arrivals", "poisson"}};
  const RunSpec spec = Parsed(json);
  const auto& load = std::get<OpenLoopConfig>(spec.load);
  CHECK(load.schedule.rate.final_per_second == 20);
  CHECK(load.schedule.requests == 600);  // 20 a second for 30 seconds
  CHECK(load.arrivals == "poisson");
  CHECK(spec.stop.requests == 600);
  CHECK_FALSE(spec.stop.consecutive_failures);
  CHECK_FALSE(spec.stop.consecutive_failures_at_start);
  CHECK(spec.stop.refusals_at_start == 10);
  CHECK(spec.drain_timeout == 0s);
  CHECK(spec.transport.expected_concurrency == 600);
  json["load"] = {{"rate", 20}, {"initial_rate", 0}, {"ramp", "10s"}, {"duration", "30s"}};
  CHECK(Parsed(json).stop.requests == 500);  // 10 s at 10 a second on average, 20 s at 20
  json["load"] = {{"rate", "inf"}, {"requests", 50}};
  CHECK(std::isinf(std::get<OpenLoopConfig>(Parsed(json).load).schedule.rate.final_per_second));
  json["load"] = {{"arrivals", "trace:path=t.jsonl"}};
  CHECK_FALSE(Parsed(json).stop.requests);  // the trace knows
}

TEST_CASE("Durations are texts or numbers of seconds", "[run_spec_json]") {
  CHECK(Parsed(With(Smallest(), "", "drain_timeout", "1500ms")).drain_timeout == 1500ms);
  CHECK(Parsed(With(Smallest(), "", "drain_timeout", 1.5)).drain_timeout == 1500ms);
  CHECK(Parsed(With(Smallest(), "", "drain_timeout", 2)).drain_timeout == 2s);
  for (const Json& wrong : {Json("2 weeks"), Json(-1), Json(1e300), Json(true), Json(nullptr)}) {
    CHECK(Refusal(With(Smallest(), "", "drain_timeout", wrong)) ==
          "drain_timeout: expected a duration such as \"250ms\", or a number of seconds from 0 on, got " +
              wrong.dump());
  }
}

TEST_CASE("An unknown member of a run spec is refused with the nearest known one", "[run_spec_json]") {
  CHECK(Refusal(With(Smallest(), "load", "user", 3)) == "unknown member 'load.user'; did you mean 'users'?");
  CHECK(Refusal(With(Smallest(), "", "endpiont", 3)) ==
        "unknown member 'endpiont'; did you mean 'endpoint'?");
  CHECK(Refusal(With(Smallest(), "", "plugins", Json::array()))
            .find("unknown member 'plugins'; known are endpoint, ") == 0);
}

TEST_CASE("A member of a run spec with a wrong value is refused by name", "[run_spec_json]") {
  struct Mistake {
    std::string group, name;
    Json value;
    std::string sentence;
  };
  const std::vector<Mistake> mistakes = {
      {"endpoint", "url", "ftp://x", "endpoint.url: "},
      {"endpoint", "model", 5, "endpoint.model: expected a text, got 5"},
      {"endpoint", "api_key_env", "LLMDYNO_TEST_NO_SUCH_VARIABLE",
       "endpoint.api_key_env: the environment variable 'LLMDYNO_TEST_NO_SUCH_VARIABLE' is not set"},
      {"api", "route", "chats", R"(api.route: expected "chat" or "completions", got "chats")"},
      {"api", "stream", "yes", "api.stream: expected true or false, got \"yes\""},
      {"api", "extra_body", "x", "api.extra_body: expected an object such as"},
      {"load", "users", 1.5, "load.users: expected a whole number, got 1.5"},
      {"load", "users", 1e300, "load.users: expected a whole number, got 1e+300"},
      {"load", "users", nullptr, "load.users: expected a whole number, got null"},
      {"load", "users", 0, "users"},
      {"", "seed", -1, "seed: expected a whole number from 0 to 2^64 - 1, got -1"},
      {"", "threads", 1e12, "threads: expected a whole number below 2^31, got 1000000000000.0"},
      {"", "price_per_hour", -1, "price_per_hour: expected US dollars from 0 to 1000000000, got -1"},
      {"", "stop", 5, "stop: expected an object with members"},
      {"load", "rate", 5, "load: 'users' is of a closed loop (users) and 'rate' of an open one"},
  };
  for (const Mistake& mistake : mistakes) {
    Json json = With(Smallest(), "load", "users", 5);
    const std::string told = Refusal(With(json, mistake.group, mistake.name, mistake.value));
    INFO(told);
    CHECK(told.find(mistake.sentence) != std::string::npos);
  }
}

TEST_CASE("A run spec without an address, a model or an end is refused", "[run_spec_json]") {
  Json no_url = Smallest(), no_model = Smallest(), no_end = Smallest(), no_requests = Smallest();
  no_url["endpoint"].erase("url");
  CHECK(Refusal(no_url).find("endpoint.url is missing") == 0);
  no_model["endpoint"].erase("model");
  CHECK(Refusal(no_model).find("endpoint.model is missing") == 0);
  no_end.erase("stop");
  CHECK(Refusal(no_end) == "stop: a closed loop needs an end: give output_tokens, requests or duration");
  no_requests["load"] = {{"rate", 5}};
  CHECK(Refusal(no_requests) == "load: an open loop needs an end: give requests or duration");
  CHECK(
      Refusal(With(no_requests, "load", "duration", "1ms")).find("load.duration: expected a time in which") ==
      0);
  CHECK(Refusal({{"load", {{"max_in_flight", 5}}}}).find("give its rate") != std::string::npos);
}

TEST_CASE("What is no JSON object is refused in a sentence", "[run_spec_json]") {
  CHECK(ParseRunSpec("").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ParseRunSpec("{\"seed\": 1").status().message() ==
        "the run spec is no JSON text: what is wrong stands at byte 11");
  CHECK(ParseRunSpec("{\"seed\": 1e999}").status().message() ==
        "a number of the run spec is beyond what a double can hold");
  CHECK(ParseRunSpec("[]").status().message() == "expected a JSON object, got []");
  CHECK_FALSE(ParseRunSpec("{\"endpoint\": {\"model\": \"\xff\"}}").ok());
  const std::string deep =
      "{\"api\": {\"extra_body\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}}";
  CHECK(ParseRunSpec(deep).status().message() == "the run spec is nested more than 64 deep");
}

TEST_CASE("Keys and headers are read, and never written or quoted", "[run_spec_json]") {
  const std::string secret = "sk-not-to-be-seen";
  Json json = With(Smallest(), "endpoint", "api_key", secret);
  json["endpoint"]["headers"] = {{"X-Tenant", secret}};
  const RunSpec spec = Parsed(json);
  CHECK(spec.endpoint.api_key.Reveal() == secret);
  REQUIRE(spec.endpoint.headers.size() == 1);
  CHECK(spec.endpoint.headers[0].name == "X-Tenant");
  CHECK(spec.endpoint.headers[0].value == secret);
  CHECK(ToJson(spec).find(secret) == std::string::npos);
  for (const Json& wrong :
       {With(json, "endpoint", "headers", secret), With(json, "endpoint", "api_key", {secret}),
        With(json, "endpoint", "headers", {{"A", secret + "\r\nB: c"}}), With(json, "", "endpoint", secret),
        With(json, "endpoint", "api_key_env", "PATH")}) {
    CHECK(Refusal(wrong).find(secret) == std::string::npos);
  }
  Json from_environment = With(Smallest(), "endpoint", "api_key_env", "PATH");
  CHECK(Parsed(from_environment).endpoint.api_key.Reveal() == std::getenv("PATH"));
}

TEST_CASE("The table of members, what is written, the page and the schema have the same members",
          "[run_spec_json]") {
  const std::vector<std::string> members = RunSpecMembers();
  std::set<std::string> known(members.begin(), members.end());
  CHECK(known.size() == members.size());

  std::set<std::string> written = kNotWritten;
  const auto note = [](const Json& json, std::set<std::string>& names) {
    for (const auto& [name, value] : json.items()) {
      if (!value.is_object()) {
        names.insert(name);
        continue;
      }
      for (const auto& [member, unused] : value.items()) names.insert(name + "." + member);
    }
  };
  note(NothingAtItsDefault(), written);
  note(OpenLoop(), written);
  CHECK(written == known);

  std::set<std::string> in_schema;
  const Json schema = Json::parse(FileText(LLMDYNO_DOCS "/schemas/run-spec.schema.json"));
  CHECK(schema["additionalProperties"] == false);
  for (const auto& [name, property] : schema["properties"].items()) {
    if (!property.contains("properties")) in_schema.insert(name);
    if (!property.contains("properties")) continue;
    CHECK(property["additionalProperties"] == false);
    for (const auto& [member, unused] : property["properties"].items()) in_schema.insert(name + "." + member);
  }
  CHECK(in_schema == known);

  // A row of a table begins with "| `name` |".
  std::set<std::string> on_page;
  std::istringstream page(FileText(LLMDYNO_DOCS "/run-spec.md"));
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| `", 0) == 0) on_page.insert(line.substr(3, line.find('`', 3) - 3));
  }
  CHECK(on_page == known);
}

TEST_CASE("The schema and the page state the defaults that the parser has", "[run_spec_json]") {
  Json open_spec = Smallest();
  open_spec["load"] = {{"arrivals", "trace:path=t.jsonl"}};
  const Json closed = Json::parse(ToJson(Parsed(Smallest())));
  const Json open = Json::parse(ToJson(Parsed(open_spec)));
  const std::string page = FileText(LLMDYNO_DOCS "/run-spec.md");
  int compared = 0;
  const auto compare = [&](const std::string& path, const Json& said, const Json* really) {
    if (!said.contains("default")) return;
    INFO(path);
    REQUIRE(really != nullptr);
    CHECK(*really == said["default"]);
    const size_t row = page.find("| `" + path + "` |");
    REQUIRE(row != std::string::npos);
    const std::string line = page.substr(row, page.find('\n', row) - row);
    CHECK(line.find("| `" + said["default"].dump() + "` |") != std::string::npos);
    ++compared;
  };
  const Json schema = Json::parse(FileText(LLMDYNO_DOCS "/schemas/run-spec.schema.json"));
  for (const auto& [name, property] : schema["properties"].items()) {
    if (!property.contains("properties")) {
      compare(name, property, closed.contains(name) ? &closed[name] : nullptr);
      continue;
    }
    for (const auto& [member, said] : property["properties"].items()) {
      if (member == "arrivals") continue;  // the open loop above names others
      const Json& where = name == "load" && open[name].contains(member) ? open[name] : closed[name];
      compare(name + "." + member, said, where.contains(member) ? &where[member] : nullptr);
    }
  }
  CHECK(compared > 40);
}
