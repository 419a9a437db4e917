// Runs on several threads: what is sent, counted and stopped is what one thread would have sent, counted and
// stopped.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "llmdyno/load/arrival_process.h"
#include "llmdyno/load/open_loop.h"
#include "loopback/loopback.h"
#include "support/written_files.h"

using namespace llmdyno;

namespace {

// The simulated endpoint with a log of what it received.
class LoggedSim {
 public:
  explicit LoggedSim(const std::string& setting)
      : log_(std::filesystem::temp_directory_path() / ("llmdyno-shards-" + std::to_string(::getpid()))) {
    std::filesystem::remove(log_);
    auto config = MakeSimConfig(*Params::Parse(setting));
    REQUIRE(config.ok());
    config->log_path = log_.string();
    auto server = SimServer::Start(*config);
    REQUIRE(server.ok());
    server_ = *std::move(server);
  }
  ~LoggedSim() {
    server_.reset();
    KeepWrittenFile(log_, "log.jsonl");
    std::filesystem::remove(log_);
  }
  std::string url() const { return server_->base_url(); }

  // Each request's body by its id; ends the endpoint.
  std::map<std::string, std::string> StopAndReadBodies() {
    server_->Stop();
    std::map<std::string, std::string> bodies;
    std::ifstream file(log_);
    for (std::string line; std::getline(file, line);) {
      const auto json = nlohmann::json::parse(line);
      CHECK(bodies.emplace(json.at("x_request_id"), json.at("body").dump()).second);
    }
    return bodies;
  }

 private:
  std::filesystem::path log_;
  std::unique_ptr<SimServer> server_;
};

std::unique_ptr<LoadModel> SteadyRate(double rate, int64_t requests) {
  auto arrivals = MakePoissonArrivals({{.final_per_second = rate}, requests}, Rng(7));
  REQUIRE(arrivals.ok());
  return *MakeOpenLoop(*std::move(arrivals), std::nullopt);
}

LoopbackRunConfig Numbered(const std::string& url, int shards) {
  LoopbackRunConfig config{.url = url};
  config.numbers_prompts = true;
  config.shards = shards;
  return config;
}

int64_t RequestsOf(const RunResult& result) {
  int64_t requests = 0;
  for (const ShardResult& shard : result.shards) requests += shard.requests;
  return requests;
}

// Each request once, from the first on.
void CheckIds(const LoopbackRun& run) {
  std::set<int64_t> ids;
  for (const RequestRecord& record : run.records) CHECK(ids.insert(record.request_id).second);
  if (!ids.empty()) CHECK(*ids.rbegin() < run.result.requests_drawn);
}

}  // namespace

TEST_CASE("The same requests are sent by one, two and four shards", "[shards]") {
  for (const bool is_open : {false, true}) {
    std::vector<std::map<std::string, std::string>> sent;
    std::vector<std::vector<Duration>> schedules;
    for (const int shards : {1, 2, 4}) {
      LoggedSim sim("fast");
      LoopbackRunConfig config = Numbered(sim.url(), shards);
      config.load.users = 10;
      config.stop.requests = 200;
      if (is_open) config.make_load = [] { return SteadyRate(1000, 200); };
      const LoopbackRun run = RunLoopback(config);
      CHECK(run.result.totals.requests_ok == 200);
      CHECK(run.result.shards.size() == static_cast<size_t>(shards));
      std::vector<Duration> schedule;
      for (const RequestRecord& record : run.records) {
        CHECK(record.started_at >= record.scheduled_at);
        schedule.push_back(record.scheduled_at - run.result.started_at);
      }
      schedules.push_back(schedule);
      sent.push_back(sim.StopAndReadBodies());
    }
    CHECK(sent[0].size() == 200);
    CHECK(sent[1] == sent[0]);
    CHECK(sent[2] == sent[0]);
    if (is_open) {
      CHECK(schedules[1] == schedules[0]);
      CHECK(schedules[2] == schedules[0]);
    }
  }
}

TEST_CASE("All shards have their share, and each request is counted once", "[shards]") {
  LoggedSim sim("scripted:ttft=1ms,itl=1ms");
  LoopbackRunConfig config = Numbered(sim.url(), 3);
  config.load.users = 12;
  config.stop.requests = 240;
  const LoopbackRun run = RunLoopback(config);
  CheckIds(run);
  CHECK(run.records.size() == 240);
  CHECK(RequestsOf(run.result) == 240);
  int64_t connections = 0;
  int64_t tokens = 0;
  for (const ShardResult& shard : run.result.shards) {
    CHECK(shard.requests > 0);
    CHECK(shard.thread.cpu_time > Duration::zero());
    CHECK(shard.transport.reads > 0);
    connections += shard.transport.connections_opened;
  }
  for (const RequestRecord& record : run.records) tokens += record.output_tokens.tokens;
  // A user stays with its shard, so that its connection is used again.
  CHECK(connections == 12);
  CHECK(run.result.totals.output_tokens == tokens);
  CHECK(run.result.peak_in_flight <= 12);
  CHECK(run.result.peak_in_flight > 1);
}

TEST_CASE("A race of several shards ends with the token that completes the target", "[shards]") {
  LoggedSim sim("scripted:ttft=2ms,itl=2ms");
  LoopbackRunConfig config = Numbered(sim.url(), 2);
  config.load.users = 8;
  config.max_output_tokens = 50;
  config.stop = {.output_tokens = 2000, .max_duration = kPatience};
  const LoopbackRun run = RunLoopback(config);
  CHECK(run.result.stop_reason == StopReason::kTargetTokens);
  CHECK(run.result.totals.output_tokens >= 2000);
  int64_t by_line = 0;
  for (const RequestRecord& record : run.records) by_line += OutputTokensBy(record, run.result.finish_line);
  CHECK(by_line >= 2000);
  CHECK(run.result.finish_line <= run.result.drained_at);
}

TEST_CASE("A request that waits for its instant when the run is stopped was never sent", "[shards]") {
  LoggedSim sim("fast");
  LoopbackRunConfig config = Numbered(sim.url(), 2);
  // Far more are handed over ahead of their instants than are sent in between.
  config.make_load = [] { return SteadyRate(5000, 1'000'000); };
  config.stop = {.requests = std::nullopt, .duration = 300ms};
  const LoopbackRun run = RunLoopback(config);
  CHECK(run.result.stop_reason == StopReason::kDuration);
  CheckIds(run);
  CHECK(!run.records.empty());
  CHECK(run.result.totals.requests_issued == static_cast<int64_t>(run.records.size()));
  CHECK(RequestsOf(run.result) == static_cast<int64_t>(run.records.size()));
  for (const RequestRecord& record : run.records) CHECK(record.scheduled_at < run.result.finish_line);
  CHECK(sim.StopAndReadBodies().size() == run.records.size());
}

TEST_CASE("What is in flight at the drain deadline is cancelled by every shard", "[shards]") {
  LoggedSim sim("fast:stall=1");
  LoopbackRunConfig config = Numbered(sim.url(), 2);
  config.load.users = 6;
  config.stop = {.requests = std::nullopt, .duration = 100ms};
  config.drain_timeout = 10ms;
  const LoopbackRun run = RunLoopback(config);
  CHECK(run.records.size() == 6);
  CHECK(run.result.cancelled_in_drain == 6);
  for (const RequestRecord& record : run.records) CHECK(record.outcome.cls == OutcomeClass::kCancelled);
}

TEST_CASE("Another thread stops a run of several shards", "[shards]") {
  LoggedSim sim("scripted:ttft=1ms,itl=1ms");
  LoopbackRunConfig config = Numbered(sim.url(), 2);
  config.load.users = 4;
  config.stop = {.requests = std::nullopt, .max_duration = kPatience};
  RunControl control;
  std::thread stopper([&] {
    std::this_thread::sleep_for(50ms);  // at any time; the run has no end of its own
    control.Abort();
  });
  const LoopbackRun run = RunLoopback(config, control);
  stopper.join();
  CHECK(run.result.stop_reason == StopReason::kInterrupted);
  CheckIds(run);
}

TEST_CASE("A failed request is tried again by its shard, and counted once", "[shards]") {
  LoggedSim sim("fast:http_503=0.3,retry_after=0s");
  LoopbackRunConfig config = Numbered(sim.url(), 2);
  config.load.users = 4;
  config.stop.requests = 60;
  config.retry = {.max_attempts = 20, .first_pause = 1ms, .max_pause = 5ms};
  const LoopbackRun run = RunLoopback(config);
  CheckIds(run);
  CHECK(run.result.totals.requests_ok == 60);
  CHECK(run.records.size() == 60);
  int attempts = 0;
  for (const RequestRecord& record : run.records) attempts += record.attempts;
  CHECK(attempts > 60);
}
