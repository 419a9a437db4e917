// Requests that are sent again when they failed.
#include "simulation/simulated_run.h"

namespace llmdyno {
namespace {

SimulatedResponse Refusal(int status, std::optional<Duration> retry_after = {}) {
  SimulatedResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.retry_after = retry_after;
  response.end_at = 10ms;
  return response;
}

// Fails the first `failures` sends with 503, then answers.
SimulatedRunConfig FailingFirst(int64_t failures, std::optional<Duration> retry_after = {}) {
  SimulatedRunConfig config;
  config.endpoint = [=](const HttpRequest& /*request*/, int64_t index) {
    return index < failures ? Refusal(503, retry_after) : StreamedChat({.tokens = 5});
  };
  config.stop.requests = 1;
  return config;
}

std::unique_ptr<SimulatedRun> WithAttempts(SimulatedRunConfig config, int max_attempts) {
  auto run = std::make_unique<SimulatedRun>(std::move(config));
  run->plan.retry.max_attempts = max_attempts;
  return run;
}

RunResult ExecuteRetrying(SimulatedRun& run) {
  const auto result = run.TryExecute();
  REQUIRE(result.ok());
  CHECK(run.transport.in_flight() == 0);
  return *result;
}

TEST_CASE("A failed request is sent once and no more, unless told otherwise", "[simulation][retry]") {
  const auto run = WithAttempts(FailingFirst(1), 1);
  ExecuteRetrying(*run);
  REQUIRE(run->collected.records.size() == 1);
  CHECK(run->collected.records[0].outcome.cls == OutcomeClass::kOverload);
  CHECK(run->collected.records[0].attempts == 1);
  CHECK(run->transport.sent().size() == 1);
}

TEST_CASE("A request that succeeds at its third attempt counts them, and its latency goes on from the first",
          "[simulation][retry]") {
  const auto run = WithAttempts(FailingFirst(2), 3);
  const RunResult result = ExecuteRetrying(*run);
  REQUIRE(run->collected.records.size() == 1);
  const RequestRecord& record = run->collected.records[0];
  CHECK(record.outcome.ok());
  CHECK(record.attempts == 3);
  CHECK(record.output_tokens.tokens == 5);
  // Two refusals of 10 ms, pauses of one and two seconds, the first token after 100 ms.
  CHECK(record.first_text_at.value() - record.started_at == 10ms + 1s + 10ms + 2s + 100ms);
  CHECK(result.totals.requests_ended == 1);
  CHECK(result.totals.requests_issued == 1);
  REQUIRE(run->transport.sent().size() == 3);
  CHECK(run->transport.sent()[2].body == run->transport.sent()[0].body);
}

TEST_CASE("A request whose attempts are used up has failed", "[simulation][retry]") {
  const auto run = WithAttempts(FailingFirst(5), 3);
  ExecuteRetrying(*run);
  REQUIRE(run->collected.records.size() == 1);
  CHECK(run->collected.records[0].attempts == 3);
  CHECK(run->collected.records[0].outcome.cls == OutcomeClass::kOverload);
  CHECK(run->transport.sent().size() == 3);
}

TEST_CASE("A retry waits as long as the endpoint asks for", "[simulation][retry]") {
  const auto run = WithAttempts(FailingFirst(1, 7s), 2);
  ExecuteRetrying(*run);
  CHECK(run->transport.sent_at()[1] - run->transport.sent_at()[0] == 10ms + 7s);
}

TEST_CASE("What repeating cannot mend is not repeated", "[simulation][retry]") {
  SimulatedRunConfig config;
  config.endpoint = [](const HttpRequest& /*request*/, int64_t /*index*/) { return Refusal(401); };
  config.stop.requests = 1;
  const auto run = WithAttempts(std::move(config), 5);
  ExecuteRetrying(*run);
  CHECK(run->transport.sent().size() == 1);
}

TEST_CASE("Requests that wait for another attempt at the finish line have failed", "[simulation][retry]") {
  SimulatedRunConfig config;
  config.endpoint = [](const HttpRequest& /*request*/, int64_t /*index*/) { return Refusal(503); };
  config.load.users = 3;
  config.stop.duration = 500ms;
  const auto run = WithAttempts(std::move(config), 10);
  const RunResult result = ExecuteRetrying(*run);
  CHECK(result.stop_reason == StopReason::kDuration);
  REQUIRE(run->collected.records.size() == 3);
  for (const RequestRecord& record : run->collected.records) {
    CHECK(record.outcome.cls == OutcomeClass::kOverload);
    CHECK(record.attempts == 1);
  }
  CHECK(result.in_flight_at_line == 0);
  CHECK(result.totals.requests_ended == 3);
}

TEST_CASE("Tokens of an attempt that broke off are taken back before the next", "[simulation][retry]") {
  SimulatedRunConfig config;
  config.endpoint = [](const HttpRequest& /*request*/, int64_t index) {
    SimulatedResponse response = StreamedChat({.tokens = 8});
    if (index == 0) {
      response.body.resize(4);
      response.end = OutcomeClass::kCutStream;
      response.end_at = response.body.back().at + 1ms;
    }
    return response;
  };
  config.stop.requests = 1;
  const auto run = WithAttempts(std::move(config), 2);
  const RunResult result = ExecuteRetrying(*run);
  REQUIRE(run->collected.records.size() == 1);
  CHECK(run->collected.records[0].outcome.ok());
  CHECK(run->collected.records[0].arrivals.total_events() == 8);
  CHECK(result.totals.output_tokens == 8);
}

TEST_CASE("A number of attempts out of range is refused", "[simulation][retry]") {
  const auto run = WithAttempts(FailingFirst(0), 0);
  CHECK_FALSE(run->TryExecute().ok());
}

}  // namespace
}  // namespace llmdyno
