// The C interface, as a foreign-function interface calls it.
#include "llmdyno/c/llmdyno.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>

#include "loopback/loopback.h"
#include "support/catch.h"

using namespace llmdyno;
using Json = nlohmann::json;

namespace {

constexpr const char* kSteadyEndpoint = "scripted:ttft=5ms,itl=1ms,output_tokens=200";
constexpr const char* kEndlessEndpoint = "scripted:ttft=5ms,itl=10ms,output_tokens=100000";

Json SpecFor(const SimServer& server) {
  return {{"endpoint", {{"url", server.base_url()}, {"model", "simulated"}}},
          {"workload", {{"max_tokens", 20}}},
          {"load", {{"users", 4}, {"users_per_second", 0}}},
          {"stop", {{"requests", 40}, {"max_duration", "60s"}}}};
}

Json EndlessSpecFor(const SimServer& server) {
  Json spec = SpecFor(server);
  spec["workload"]["max_tokens"] = 100'000;
  spec["stop"] = {{"output_tokens", 1'000'000'000}};
  return spec;
}

// Takes over a text that was returned.
std::string Take(char* text) {
  if (text == nullptr) return "(none)";
  std::string copy = text;
  llmdyno_free_string(text);
  return copy;
}

llmdyno_run* Begun(const Json& spec) {
  llmdyno_run* run = nullptr;
  char* error = nullptr;
  const llmdyno_status status = llmdyno_run_begin(spec.dump().c_str(), &run, &error);
  INFO(Take(error));
  REQUIRE(status == LLMDYNO_OK);
  REQUIRE(run != nullptr);
  return run;
}

Json ResultOf(llmdyno_run* run) {
  char* result = nullptr;
  char* error = nullptr;
  const llmdyno_status status = llmdyno_run_finish(run, &result, &error);
  INFO(Take(error));
  REQUIRE(status == LLMDYNO_OK);
  return Json::parse(Take(result));
}

Json ProgressOf(const llmdyno_run* run) { return Json::parse(Take(llmdyno_run_progress(run))); }

}  // namespace

TEST_CASE("A run by the C interface is begun, stepped and finished", "[c]") {
  const auto server = StartSim(kSteadyEndpoint);
  llmdyno_run* run = Begun(SpecFor(*server));
  CHECK(ProgressOf(run)["phase"] == "measured");
  CHECK(ProgressOf(run)["requests_sent"] == 0);
  while (llmdyno_run_step(run, 5) == 1) {
  }
  CHECK(llmdyno_run_step(run, -1) == 0);
  CHECK(ProgressOf(run)["phase"] == "over");
  CHECK(ProgressOf(run)["requests_ok"] == 40);
  const Json result = ResultOf(run);
  CHECK(result["format"] == "llmdyno-summary");
  CHECK(result["stop_reason"] == "target_requests");
  CHECK(result["metrics"]["output_tokens"] == 800);  // 40 answers of 20
  CHECK(result["configuration"]["load"]["users"] == 4);
  CHECK(result["verdict"]["valid"].is_boolean());
  CHECK(ResultOf(run) == result);
  llmdyno_run_free(run);
}

TEST_CASE("An open loop by the C interface gives a level", "[c]") {
  const auto server = StartSim(kSteadyEndpoint);
  Json spec = SpecFor(*server);
  spec["load"] = {{"rate", 200}, {"arrivals", "poisson"}, {"duration", "200ms"}};
  spec["warm_up_requests"] = 4;
  spec.erase("stop");
  char* result = nullptr;
  REQUIRE(llmdyno_measure(spec.dump().c_str(), nullptr, nullptr, &result, nullptr) == LLMDYNO_OK);
  const Json json = Json::parse(Take(result));
  CHECK(json["format"] == "llmdyno-level");
  CHECK(json["level"]["total_requests"] == 40);
  CHECK(json["level"]["successful_requests"] == 40);
  CHECK(json["level"]["warm_up_requests"] == 4);
}

TEST_CASE("A step of the C interface that may not wait returns at once", "[c]") {
  const auto server = StartSim(kEndlessEndpoint);
  llmdyno_run* run = Begun(EndlessSpecFor(*server));
  for (int i = 0; i < 10; ++i) CHECK(llmdyno_run_step(run, 0) == 1);
  CHECK(ProgressOf(run)["requests_sent"] == 4);
  llmdyno_run_free(run);
}

TEST_CASE("A run by the C interface is cancelled and watched from another thread", "[c]") {
  const auto server = StartSim(kEndlessEndpoint);
  llmdyno_run* run = Begun(EndlessSpecFor(*server));
  std::thread canceller([&] {
    WaitUntil([&] { return ProgressOf(run)["output_tokens"] > 0; });
    llmdyno_run_cancel(run);
  });
  while (llmdyno_run_step(run, -1) == 1) {
  }
  canceller.join();
  const Json result = ResultOf(run);
  CHECK(result["stop_reason"] == "interrupted");
  CHECK(result["metrics"]["output_tokens"] > 0);
  llmdyno_run_free(run);
}

TEST_CASE("A run by the C interface that is freed in its middle lets its connections go", "[c]") {
  const auto server = StartSim(kEndlessEndpoint);
  llmdyno_run* run = Begun(EndlessSpecFor(*server));
  while (ProgressOf(run)["output_tokens"] == 0) REQUIRE(llmdyno_run_step(run, 10) == 1);
  llmdyno_run_free(run);
  WaitUntil([&] { return server->Stats().connections == 0; });
  CHECK(server->Stats().connections == 0);
}

TEST_CASE("The callback of a blocking run may cancel it", "[c]") {
  const auto server = StartSim(kEndlessEndpoint);
  struct Seen {
    int calls = 0;
    Json last;
  } seen;
  const auto callback = [](const char* progress, void* user_data) {
    auto& told = *static_cast<Seen*>(user_data);
    ++told.calls;
    told.last = Json::parse(progress);
    return told.last["output_tokens"] > 0 ? 1 : 0;
  };
  char* result = nullptr;
  REQUIRE(llmdyno_measure(EndlessSpecFor(*server).dump().c_str(), callback, &seen, &result, nullptr) ==
          LLMDYNO_OK);
  CHECK(seen.calls >= 1);
  CHECK(seen.last["phase"] == "measured");
  CHECK(Json::parse(Take(result))["stop_reason"] == "interrupted");
}

TEST_CASE("No exception crosses the C interface", "[c]") {
  const auto server = StartSim(kEndlessEndpoint);
  const auto throws = [](const char*, void*) -> int { throw std::runtime_error("the host's own trouble"); };
  char* result = nullptr;
  char* error = nullptr;
  CHECK(llmdyno_measure(EndlessSpecFor(*server).dump().c_str(), throws, nullptr, &result, &error) ==
        LLMDYNO_INTERNAL);
  CHECK(result == nullptr);
  CHECK(Take(error) == "the host's own trouble");
}

TEST_CASE("Each kind of mistake has its status and a sentence", "[c]") {
  const auto server = StartSim(kSteadyEndpoint);
  const auto told = [](const std::string& spec, llmdyno_status expected) {
    llmdyno_run* run = nullptr;
    char* error = nullptr;
    CHECK(llmdyno_run_begin(spec.c_str(), &run, &error) == expected);
    CHECK(run == nullptr);
    return Take(error);
  };
  CHECK(told("{", LLMDYNO_INVALID) == "the run spec is no JSON text: what is wrong stands at byte 2");
  Json misspelt = SpecFor(*server);
  misspelt["load"]["user"] = 3;
  CHECK(told(misspelt.dump(), LLMDYNO_INVALID) == "unknown member 'load.user'; did you mean 'users'?");
  Json unknown = SpecFor(*server);
  unknown["workload"]["name"] = "dolyl";
  CHECK(told(unknown.dump(), LLMDYNO_NOT_FOUND).find("did you mean 'dolly'?") != std::string::npos);
  Json dead = SpecFor(*server);
  dead["endpoint"]["url"] = "http://127.0.0.1:" + std::to_string(DeadPort());
  CHECK_FALSE(told(dead.dump(), LLMDYNO_UNAVAILABLE).empty());
  // Without a place for the sentence the status is all there is.
  llmdyno_run* run = nullptr;
  CHECK(llmdyno_run_begin("[]", &run, nullptr) == LLMDYNO_INVALID);
}

TEST_CASE("What an endpoint does is a result and no error", "[c]") {
  const auto server = StartSim("fast:http_500=1");
  char* result = nullptr;
  REQUIRE(llmdyno_measure(SpecFor(*server).dump().c_str(), nullptr, nullptr, &result, nullptr) == LLMDYNO_OK);
  const Json json = Json::parse(Take(result));
  CHECK(json["stop_reason"] == "consecutive_failures");
  CHECK(json["metrics"]["successful"] == 0);
  CHECK(json["distributions"]["ttft_ms"]["p50"].is_null());
}

TEST_CASE("A pointer that must not be null is refused and nothing is touched", "[c]") {
  char* result = nullptr;
  char* error = nullptr;
  llmdyno_run* run = nullptr;
  CHECK(llmdyno_run_begin(nullptr, &run, &error) == LLMDYNO_INVALID);
  CHECK(Take(error) == "spec_json is NULL");
  CHECK(llmdyno_run_begin("{}", nullptr, &error) == LLMDYNO_INVALID);
  CHECK(Take(error) == "run is NULL");
  CHECK(llmdyno_run_finish(nullptr, &result, nullptr) == LLMDYNO_INVALID);
  CHECK(llmdyno_measure("{}", nullptr, nullptr, nullptr, nullptr) == LLMDYNO_INVALID);
  CHECK(llmdyno_run_step(nullptr, 0) == 0);
  CHECK(llmdyno_run_progress(nullptr) == nullptr);
  llmdyno_run_cancel(nullptr);
  llmdyno_run_free(nullptr);
  llmdyno_free_string(nullptr);
}

TEST_CASE("The version is that of the library", "[c]") {
  CHECK(std::string(llmdyno_version()).find_first_not_of("0123456789.") == std::string::npos);
}
