// llmdyno inside another program: several threads, several runs, a host that has libcurl of its own.
#include <curl/curl.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "llmdyno/measure/measurement.h"
#include "llmdyno/measure/result_json.h"
#include "loopback/loopback.h"
#include "support/catch.h"
#include "support/written_files.h"

using namespace llmdyno;

namespace {

// Answers of 20 tokens, as asked for, in 25 milliseconds.
constexpr const char* kSteadyEndpoint = "scripted:ttft=5ms,itl=1ms,output_tokens=200";
// Answers that take longer than any test.
constexpr const char* kEndlessEndpoint = "scripted:ttft=5ms,itl=10ms,output_tokens=100000";

RunSpec SpecFor(const SimServer& server) {
  RunSpec spec;
  spec.endpoint.url = *BaseUrl::Parse(server.base_url());
  spec.endpoint.model = "simulated";
  spec.workload.name = "synthetic";
  spec.workload.request.max_output_tokens = 20;
  spec.load = ClosedLoopConfig{.users = 4, .ramp_users_per_second = 0};
  spec.stop.requests = 40;
  spec.stop.max_duration = kPatience;
  return spec;
}

RunSpec EndlessSpecFor(const SimServer& server) {
  RunSpec spec = SpecFor(server);
  spec.workload.request.max_output_tokens = 100'000;
  spec.stop.requests.reset();
  spec.stop.output_tokens = 1'000'000'000;
  return spec;
}

std::unique_ptr<Measurement> Begun(RunSpec spec, MeasurementOptions options = {}) {
  auto begun = Measurement::Begin(std::move(spec), std::move(options));
  INFO(begun.status().ToString());
  REQUIRE(begun.ok());
  return *std::move(begun);
}

void CheckWhole(const absl::StatusOr<MeasurementResult>& result) {
  INFO(result.status().ToString());
  REQUIRE(result.ok());
  CHECK(result->metrics.successful == 40);
  CHECK(result->run.stop_reason == StopReason::kTargetRequests);
}

}  // namespace

TEST_CASE("A measurement warms up, measures and judges, and tells of both phases", "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  RunSpec spec = SpecFor(*server);
  spec.warm_up_requests = 4;
  RecordKeeper records;
  MeasurementOptions options;
  int warm_up_calls = 0, measured_calls = 0;
  options.on_progress = [&](const MeasurementProgress& now) {
    ++(now.phase == RunPhase::kWarmUp ? warm_up_calls : measured_calls);
  };
  options.progress_interval = 1ms;
  options.sinks = {&records};
  const auto result = Measure(spec, options);
  CheckWhole(result);
  CHECK(result->metrics.warm_up_requests == 4);
  CHECK(records.records.size() == 44);
  CHECK(warm_up_calls > 0);
  CHECK(measured_calls > 0);
  CHECK(result->metrics.ttft.Quantile(0.5).value() >= 5);
  CHECK(result->health.sends == 40);
}

TEST_CASE("A run that blocks one thread is stopped by another", "[embedding]") {
  const auto server = StartSim(kEndlessEndpoint);
  RunControl control;
  std::atomic<bool> is_under_way = false;
  std::thread canceller([&] {
    WaitUntil([&] { return is_under_way.load(); });
    control.Abort();
  });
  MeasurementOptions options;
  options.control = &control;
  options.progress_interval = 1ms;
  options.on_progress = [&](const MeasurementProgress& now) {
    if (now.run.totals.output_tokens > 0) is_under_way = true;
  };
  const auto result = Measure(EndlessSpecFor(*server), options);
  canceller.join();
  REQUIRE(result.ok());
  CHECK(result->run.stop_reason == StopReason::kInterrupted);
  CHECK(result->metrics.output_tokens > 0);
  CHECK(result->run.cancelled_in_drain == 4);
}

TEST_CASE("A control that was raised before the run begins ends it without a measured request",
          "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  RunSpec spec = SpecFor(*server);
  spec.warm_up_requests = 4;
  RunControl control;
  control.Abort();
  MeasurementOptions options;
  options.control = &control;
  const auto result = Measure(spec, options);
  REQUIRE(result.ok());
  CHECK(result->run.stop_reason == StopReason::kInterrupted);
  CHECK(result->metrics.requests == 0);
  CHECK_FALSE(result->metrics.ttft.Quantile(0.5));
}

TEST_CASE("Two runs on two threads of one process do not hear of one another", "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  const auto other_server = StartSim(kSteadyEndpoint);
  absl::StatusOr<MeasurementResult> other = absl::UnknownError("not run");
  RunSpec other_spec = SpecFor(*other_server);
  other_spec.shards = 2;
  std::thread other_thread([&] { other = Measure(other_spec); });
  const auto one = Measure(SpecFor(*server));
  other_thread.join();
  CheckWhole(one);
  CheckWhole(other);
  CHECK(other->run.shards.size() == 2);
}

TEST_CASE("Two runs are stepped in turn on one thread", "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  const auto one = Begun(SpecFor(*server));
  const auto other = Begun(SpecFor(*server));
  bool one_goes_on = true, other_goes_on = true;
  while (one_goes_on || other_goes_on) {
    if (one_goes_on) one_goes_on = one->Step(one->clock().Now() + 1ms);
    if (other_goes_on) other_goes_on = other->Step(other->clock().Now() + 1ms);
  }
  CheckWhole(one->Finish());
  CheckWhole(other->Finish());
}

TEST_CASE("A run may be begun on one thread and stepped on another", "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  std::unique_ptr<Measurement> run;
  std::thread([&] { run = Begun(SpecFor(*server)); }).join();
  std::thread([&] {
    while (run->Step(kEndOfTime)) {
    }
  }).join();
  CheckWhole(run->Finish());
}

TEST_CASE("A host that drops a run in its middle frees what it held", "[embedding]") {
  const auto server = StartSim(kEndlessEndpoint);
  RecordKeeper records;
  for (const int shards : {1, 2}) {
    records.records.clear();
    RunSpec spec = EndlessSpecFor(*server);
    spec.shards = shards;
    MeasurementOptions options;
    options.sinks = {&records};
    {
      const auto run = Begun(std::move(spec), options);
      while (run->Progress().run.totals.output_tokens == 0) REQUIRE(run->Step(run->clock().Now() + 10ms));
    }
    // Its sinks have heard of every request.
    CHECK(records.records.size() == 4);
  }
  WaitUntil([&] { return server->Stats().connections == 0; });
  CHECK(server->Stats().connections == 0);
}

TEST_CASE("A run that was begun and never stepped may be dropped, or finished", "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  { const auto dropped = Begun(SpecFor(*server)); }
  RunSpec spec = SpecFor(*server);
  spec.warm_up_requests = 4;
  const auto run = Begun(std::move(spec));
  const auto result = run->Finish();
  REQUIRE(result.ok());
  CHECK(result->metrics.requests == 0);
  CHECK(result->run.stop_reason == StopReason::kInterrupted);
}

TEST_CASE("A host that has set up libcurl itself keeps its own handles", "[embedding]") {
  REQUIRE(curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK);
  const auto server = StartSim(kSteadyEndpoint);
  CURL* const own = curl_easy_init();
  REQUIRE(own != nullptr);
  CheckWhole(Measure(SpecFor(*server)));
  const std::string url = server->base_url() + "/v1/models";
  curl_easy_setopt(own, CURLOPT_URL, url.c_str());
  curl_easy_setopt(
      own, CURLOPT_WRITEFUNCTION, +[](char*, size_t size, size_t count, void*) { return size * count; });
  CHECK(curl_easy_perform(own) == CURLE_OK);
  curl_easy_cleanup(own);
  curl_global_cleanup();
  // The host's end of libcurl is not ours.
  CheckWhole(Measure(SpecFor(*server)));
}

TEST_CASE("What is wrong with a spec or an endpoint is told by Begin, in a sentence", "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  RunSpec unknown = SpecFor(*server);
  unknown.workload.name = "dolyl";
  const auto no_workload = Measurement::Begin(unknown);
  CHECK(no_workload.status().code() == absl::StatusCode::kNotFound);
  CHECK(std::string(no_workload.status().message()).find("did you mean 'dolly'?") != std::string::npos);
  RunSpec dead = SpecFor(*server);
  dead.endpoint.url = *BaseUrl::Parse("http://127.0.0.1:" + std::to_string(DeadPort()));
  CHECK(Measurement::Begin(dead).status().code() == absl::StatusCode::kUnavailable);
  RunSpec invalid = SpecFor(*server);
  invalid.warm_up_requests = -1;
  CHECK(Measurement::Begin(invalid).status().code() == absl::StatusCode::kInvalidArgument);
  MeasurementOptions never;
  never.progress_interval = 0s;
  CHECK(Measurement::Begin(SpecFor(*server), never).status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("The result of an open loop is a level, that of a closed loop a race", "[embedding]") {
  const auto server = StartSim(kSteadyEndpoint);
  RunSpec spec = SpecFor(*server);
  spec.endpoint.api_key = Secret("sk-not-to-be-seen");
  spec.endpoint.headers = {{"X-Tenant", "not-to-be-seen"}};
  const auto race = Measure(spec);
  CheckWhole(race);
  const std::string race_json = ToJson(*race);
  KeepWrittenText("race.json", race_json);
  CHECK(race_json.find("\"format\": \"llmdyno-summary\"") != std::string::npos);
  spec.load =
      OpenLoopConfig{.arrivals = "poisson", .schedule = {.rate = {.final_per_second = 400}, .requests = 40}};
  spec.price_per_hour = MicroUsd::FromUsd(2);
  const auto level = Measure(spec);
  CheckWhole(level);
  REQUIRE(level->serving);
  const std::string level_json = ToJson(*level);
  KeepWrittenText("level.json", level_json);
  CHECK(level_json.find("\"format\": \"llmdyno-level\"") != std::string::npos);
  CHECK(level_json.find("\"qps_target\": 400.0") != std::string::npos);
  CHECK(level_json.find("\"price_per_hour\": 2.0") != std::string::npos);
  for (const std::string& json : {race_json, level_json}) {
    CHECK(json.find("not-to-be-seen") == std::string::npos);
    CHECK(json.find("\"model\": \"simulated\"") != std::string::npos);
  }
}
