// Whole streams over loopback: what arrives, when, and over which connections.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "loopback/loopback.h"
#include "support/written_files.h"

using namespace llmdyno;

namespace {

// Instants at which the endpoint handed each token to the kernel, by the request's id.
std::map<int64_t, std::vector<TimePoint>> SentTokens(const std::string& log) {
  std::map<int64_t, std::vector<TimePoint>> sent;
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    const std::string id = json.at("x_request_id");
    if (!id.starts_with("llmdyno-")) continue;
    for (const auto& at : json.at("token_sent_ns")) {
      sent[std::stoll(id.substr(8))].push_back(TimePoint(Duration(at.get<int64_t>())));
    }
  }
  return sent;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / (name + "-" + std::to_string(::getpid()))) {}
  ~TemporaryFile() {
    KeepWrittenFile(path_, "log.jsonl");
    std::filesystem::remove(path_);
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// Sockets of 500 streams have two ends, both in this process.
void AllowManyDescriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What must not depend on how the bytes were cut: everything but the instants.
std::vector<std::string> Contents(const LoopbackRun& run) {
  std::vector<std::string> contents;
  for (const RequestRecord& record : run.records) {
    contents.push_back(std::to_string(record.request_id) + " " + std::string(ToString(record.outcome.cls)) +
                       " " + std::to_string(record.input_tokens.tokens) + " " +
                       std::to_string(record.output_tokens.tokens) + " " +
                       std::string(ToString(record.output_tokens.source)) + " " +
                       std::to_string(record.arrivals.total_tokens()) + " " +
                       std::to_string(record.arrivals.total_events()) + " " + record.finish_reason + " " +
                       std::to_string(record.received_bytes) + " " + record.output_text);
  }
  return contents;
}

}  // namespace

TEST_CASE("Tokens are stamped by the kernel, close to when the endpoint sent them", "[stamps]") {
  const TemporaryFile log("llmdyno-stamps");
  LoopbackRun run;
  {
    const auto sim = StartSim("scripted:ttft=20ms,itl=3ms,log=" + log.path());
    run = RunLoopback({.url = sim->base_url(),
                       .stop = {.requests = 30, .max_duration = kPatience},
                       .load = {.users = 10, .ramp_users_per_second = 0},
                       .max_output_tokens = 50});
    sim->Stop();
  }
  CHECK(run.stats.reads > 0);
  CHECK(run.stats.kernel_stamps > run.stats.reads * 9 / 10);  // the end of a connection has none
  const auto sent = SentTokens(log.path());
  std::vector<Duration> errors;
  for (const RequestRecord& record : run.records) {
    REQUIRE(record.outcome.ok());
    CHECK(record.arrival_clock == ArrivalClock::kKernel);
    const auto& truth = sent.at(record.request_id);
    REQUIRE(static_cast<int64_t>(truth.size()) == record.arrivals.total_tokens());
    size_t token = 0;
    for (const Arrival& arrival : record.arrivals) {
      token += arrival.tokens;  // of several in one read the last is the one that is stamped
      errors.push_back(arrival.at - truth[token - 1]);
    }
  }
  std::sort(errors.begin(), errors.end());
  // No token comes before it was sent; the two clocks are read a moment apart, hence the millisecond.
  CHECK(errors.front() > -1ms);
  // On an idle machine this is a few microseconds.
  CHECK(errors[errors.size() / 2] < 20ms);
}

TEST_CASE("Without kernel stamps the wake-up is the clock, and the record says so", "[stamps]") {
  const auto sim = StartSim("scripted:ttft=5ms,itl=1ms");
  const LoopbackRun run = RunLoopback({.url = sim->base_url(), .transport = {.use_kernel_stamps = false}});
  REQUIRE(run.record().outcome.ok());
  CHECK(run.record().arrival_clock == ArrivalClock::kWakeUp);
  CHECK(run.record().arrivals.upper_bounds() == run.record().arrivals.total_events());
  CHECK(run.stats.kernel_stamps == 0);
}

TEST_CASE("One user keeps one connection, and only its first request pays for it", "[connections]") {
  const auto sim = StartSim("fast");
  const LoopbackRun run =
      RunLoopback({.url = sim->base_url(), .stop = {.requests = 5, .max_duration = kPatience}});
  REQUIRE(run.records.size() == 5);
  CHECK_FALSE(run.records[0].connection_reused);
  CHECK(run.records[0].connected_at);
  CHECK(run.records[0].connect_time);
  CHECK_FALSE(run.records[0].tls_time);
  for (size_t i = 1; i < 5; ++i) {
    CHECK(run.records[i].connection_reused);
    CHECK_FALSE(run.records[i].connected_at);
    CHECK_FALSE(run.records[i].connect_time);
    CHECK_FALSE(run.records[i].dns_time);
  }
  CHECK(sim->Stats().connections_accepted == 1);
  CHECK(run.stats.connections_opened == 1);
}

TEST_CASE("The instants of a request come in their order", "[record]") {
  const auto sim = StartSim("scripted:ttft=10ms,itl=1ms,role_chunk=true");
  const LoopbackRun run = RunLoopback({.url = sim->base_url(),
                                       .stop = {.requests = 40, .max_duration = kPatience},
                                       .load = {.users = 8, .ramp_users_per_second = 0}});
  // The role comes at once, the text 10 ms later; a client that was held up may find both in one read.
  int role_apart = 0;
  int tokens_apart = 0;
  for (const RequestRecord& record : run.records) {
    REQUIRE(record.outcome.ok());
    CHECK(record.http_version == 11);
    CHECK(record.scheduled_at <= record.started_at);
    REQUIRE(record.sent_at);
    CHECK(record.started_at <= *record.sent_at);
    if (record.connected_at) {
      // libcurl gives microseconds from a start of its own.
      CHECK(record.started_at <= *record.connected_at);
      CHECK(*record.connected_at <= *record.sent_at + 1ms);
    }
    REQUIRE((record.first_byte_at && record.first_event_at && record.first_text_at && record.last_text_at));
    CHECK(*record.sent_at < *record.first_byte_at + 1ms);
    CHECK(*record.first_byte_at <= *record.first_event_at);
    CHECK(*record.first_event_at <= *record.first_text_at);
    CHECK(record.first_text_at == record.first_content_at);
    CHECK(*record.first_text_at <= *record.last_text_at);
    CHECK(*record.last_text_at <= record.ended_at);
    if (*record.first_event_at < *record.first_text_at) ++role_apart;
    if (*record.first_text_at < *record.last_text_at) ++tokens_apart;
  }
  CHECK(role_apart > 0);
  CHECK(tokens_apart > 0);
}

TEST_CASE("Responses that arrive one byte at a time mean the same", "[split]") {
  for (const std::string options : {"output_tokens=5-40,role_chunk=true,extras=true",
                                    "output_tokens=10,tokens_per_chunk=3,reasoning=4,crlf=true"}) {
    const auto execute = [&](const std::string& cut) {
      const auto sim = StartSim("fast:" + options + cut);
      LoopbackRunConfig config;
      config.url = sim->base_url();
      config.stop.requests = 20;
      config.max_output_tokens = 1000;
      return RunLoopback(config);
    };
    const LoopbackRun whole = execute("");
    const LoopbackRun split = execute(",split=1");
    CHECK(Contents(split) == Contents(whole));
    CHECK(split.result.totals.output_tokens == whole.result.totals.output_tokens);
    for (const RequestRecord& record : whole.records) CHECK(record.outcome.ok());
  }
}

TEST_CASE("Five hundred streams at once all end well", "[large]") {
  AllowManyDescriptors();
  const auto sim = StartSim("scripted:ttft=500ms,itl=5ms");
  const LoopbackRun run = RunLoopback({.url = sim->base_url(),
                                       .stop = {.requests = 1000, .max_duration = kPatience},
                                       .load = {.users = 500, .ramp_users_per_second = 0},
                                       .transport = {.expected_concurrency = 500}});
  CHECK(run.result.stop_reason == StopReason::kTargetRequests);
  CHECK(run.result.totals.requests_ok == 1000);
  CHECK(run.result.totals.output_tokens == 20'000);
  CHECK(run.result.peak_in_flight == 500);
  CHECK(sim->Stats().max_in_flight > 100);
  CHECK(sim->Stats().connections_accepted <= 1000);
  CHECK(run.stats.descriptor_failures == 0);
}

TEST_CASE("A prompt of megabytes is sent whole", "[large]") {
  const auto sim = StartSim("fast:output_tokens=3");
  std::string prompt;
  while (prompt.size() < (6U << 20)) prompt += "word ";
  const LoopbackRun run = RunLoopback(
      {.url = sim->base_url(), .stop = {.requests = 2, .max_duration = kPatience}, .prompt = prompt});
  for (const RequestRecord& record : run.records) {
    CHECK(record.outcome.ok());
    CHECK(record.sent_bytes > static_cast<int64_t>(prompt.size()));
    CHECK(record.input_tokens.tokens >= static_cast<int64_t>(prompt.size() / 5));
  }
}

TEST_CASE("The other forms of answers work over sockets too", "[forms]") {
  const auto sim = StartSim("fast:tokens_per_chunk=4");
  for (const bool stream : {true, false}) {
    LoopbackRunConfig config;
    config.url = sim->base_url() + "/v1/chat/completions";
    config.dialect.stream = stream;
    config.dialect.continuous_usage = stream;
    config.dialect.ignore_eos = true;
    const LoopbackRun run = RunLoopback(config);
    CHECK(run.record().outcome.ok());
    CHECK(run.record().output_tokens == TokenCount{20, TokenCountSource::kUsage});
    CHECK(run.record().arrivals.total_tokens() == 20);
    CHECK(run.record().arrivals.total_events() == (stream ? 5 : 1));
  }
}

TEST_CASE("The key reaches the endpoint, and a wrong one is a clear failure without the key in it",
          "[secret]") {
  const auto sim = StartSim("fast:require_key=sk-right-key-0001");
  CHECK(RunLoopback({.url = sim->base_url(), .api_key = Secret("sk-right-key-0001")}).record().outcome.ok());
  const LoopbackRun refused = RunLoopback({.url = sim->base_url(), .api_key = Secret("sk-wrong-key-0002")});
  CHECK(refused.record().outcome.cls == OutcomeClass::kHttpStatus);
  CHECK(refused.record().outcome.http_status == 401);
  CHECK(refused.record().outcome.message.find("wrong-key") == std::string::npos);
}
