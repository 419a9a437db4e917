// Open loops in virtual time: the schedule is kept whatever the endpoint does.
#include "llmdyno/load/open_loop.h"

#include <algorithm>
#include <set>

#include "simulation/simulated_run.h"

using namespace llmdyno;

namespace {

std::unique_ptr<LoadModel> OpenLoopAt(double per_second, int64_t requests,
                                      std::optional<int64_t> max_in_flight = {}) {
  auto arrivals =
      MakeConstantArrivals({.rate = {.final_per_second = per_second}, .requests = requests}).value();
  return MakeOpenLoop(std::move(arrivals), max_in_flight).value();
}

// A run whose subject is failure: no number of failures ends it.
StopCondition AllOf(int64_t requests) {
  return {.requests = requests, .consecutive_failures_at_start = {}, .consecutive_failures = {}};
}

SimulatedEndpoint Always(const SimulatedResponse& response) {
  return [=](const HttpRequest&, int64_t) { return response; };
}

// No response until, after an hour, the total timeout ends it.
SimulatedEndpoint Stalled() { return Always(Failure(OutcomeClass::kTotalTimeout, 1h)); }

std::map<int64_t, RequestRecord> ById(const SimulatedRun& run) {
  std::map<int64_t, RequestRecord> by_id;
  for (const RequestRecord& record : run.records()) by_id[record.request_id] = record;
  return by_id;
}

}  // namespace

TEST_CASE("An open loop sends on its grid, exactly as many requests as it has", "[load][open_loop]") {
  SimulatedRun run(
      {.endpoint = Always(StreamedChat({})), .stop = AllOf(600), .load_model = OpenLoopAt(20, 600)});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kTargetRequests);
  const auto records = ById(run);
  REQUIRE(records.size() == 600);
  for (const auto& [id, record] : records) {
    CHECK(record.scheduled_at == result.started_at + id * 50ms);
    CHECK(record.started_at == record.scheduled_at);
    CHECK(record.user_id == 0);
  }
  CHECK(result.first_sent_at == result.started_at);
  CHECK(result.last_sent_at == result.started_at + 599 * 50ms);
  CHECK(result.last_due_at == result.last_sent_at);
  CHECK_FALSE(result.all_users_active_at);
}

TEST_CASE("A schedule that ends ends the run, when its last request has ended", "[load][open_loop]") {
  SimulatedRun run({.endpoint = Always(StreamedChat({})), .load_model = OpenLoopAt(10, 7)});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kSourceExhausted);
  CHECK(run.records().size() == 7);
  CHECK(result.totals.requests_ok == 7);
  CHECK(result.totals.all_issued_at == result.started_at + 600ms);
}

TEST_CASE("A stalled endpoint leaves the sending rate unchanged with ten thousand requests in flight",
          "[load][open_loop]") {
  SimulatedRun run({.endpoint = Stalled(), .stop = AllOf(10'000), .load_model = OpenLoopAt(200, 10'000)});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kTargetRequests);
  CHECK(result.peak_in_flight == 10'000);
  const auto& sent_at = run.transport.sent_at();
  REQUIRE(sent_at.size() == 10'000);
  int64_t off_the_grid = 0;
  for (size_t i = 0; i < sent_at.size(); ++i) off_the_grid += sent_at[i] != result.started_at + i * 5ms;
  CHECK(off_the_grid == 0);
}

TEST_CASE("A pause of the endpoint shows in latencies from the schedule and not in the sends",
          "[load][open_loop]") {
  // Nothing is answered for two seconds; then everything is at once.
  const auto paused = [](const HttpRequest&, int64_t index) {
    const Duration sent = index * 10ms;
    const bool in_pause = sent >= 3s && sent < 5s;
    return StreamedChat({.tokens = 1, .time_to_first_token = in_pause ? 5s - sent : 20ms});
  };
  SimulatedRun run({.endpoint = paused, .stop = AllOf(1000), .load_model = OpenLoopAt(100, 1000)});
  const RunResult result = run.Execute();
  CHECK(result.peak_in_flight >= 200);
  Duration longest{};
  for (const auto& [id, record] : ById(run)) {
    CHECK(record.started_at == result.started_at + id * 10ms);
    longest = std::max(longest, record.ended_at - record.scheduled_at);
  }
  CHECK(longest == 2s);
}

TEST_CASE("With a limit of requests in flight sends wait and keep their scheduled instants",
          "[load][open_loop]") {
  // One at a time, 300 ms each, due every 100 ms: request k is sent at k * 300 ms.
  const auto endpoint = Always(StreamedChat({.tokens = 1, .time_to_first_token = 300ms}));
  SimulatedRun run({.endpoint = endpoint, .stop = AllOf(20), .load_model = OpenLoopAt(10, 20, 1)});
  const RunResult result = run.Execute();
  CHECK(result.peak_in_flight == 1);
  for (const auto& [id, record] : ById(run)) {
    CHECK(record.scheduled_at == result.started_at + id * 100ms);
    CHECK(record.started_at == result.started_at + id * 300ms);
  }
  CHECK(result.last_due_at == result.started_at + 1900ms);
  CHECK(result.last_sent_at == result.started_at + 5700ms);
}

TEST_CASE("All at once means all at once, and the answers are read all the same", "[load][open_loop]") {
  auto arrivals = MakePoissonArrivals(
      {.rate = {.final_per_second = std::numeric_limits<double>::infinity()}, .requests = 5000}, Rng(1));
  SimulatedRun run({.endpoint = Always(StreamedChat({.time_to_first_token = 0s, .inter_token_latency = 0s})),
                    .stop = AllOf(5000),
                    .load_model = MakeOpenLoop(*std::move(arrivals), {}).value()});
  const RunResult result = run.Execute();
  CHECK(result.totals.requests_ok == 5000);
  // Between two handfuls of sends the transport gets to read.
  CHECK(result.peak_in_flight < 5000);
  for (const RequestRecord& record : run.records()) CHECK(record.scheduled_at == result.started_at);
}

TEST_CASE("Requests that do not end in the time given to them after the last send are cancelled",
          "[stop][open_loop]") {
  StopCondition stop = AllOf(100);
  stop.settle = 5s;
  const auto half_stalled = [](const HttpRequest&, int64_t index) {
    return index % 2 == 0 ? StreamedChat({}) : Failure(OutcomeClass::kTotalTimeout, 1h);
  };
  SimulatedRun run(
      {.endpoint = half_stalled, .stop = stop, .load_model = OpenLoopAt(10, 100), .drain_timeout = 0s});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kDrainDeadline);
  CHECK(result.last_sent_at == result.started_at + 9900ms);
  CHECK(result.finish_line == result.started_at + 14900ms);
  CHECK(result.drained_at == result.finish_line);
  CHECK(result.cancelled_in_drain == 50);
  CHECK(result.totals.requests_ok == 50);
  CHECK(run.records().size() == 100);
}

TEST_CASE("The time to settle counts from the last send of a schedule without a set number as well",
          "[stop][open_loop]") {
  StopCondition stop = AllOf(100);
  stop.requests.reset();
  stop.settle = 2s;
  SimulatedRun run(
      {.endpoint = Stalled(), .stop = stop, .load_model = OpenLoopAt(10, 11), .drain_timeout = 0s});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kDrainDeadline);
  CHECK(result.finish_line == result.started_at + 3s);
}

TEST_CASE("A run whose requests all end in time does not wait for the deadline", "[stop][open_loop]") {
  StopCondition stop = AllOf(10);
  stop.settle = 1h;
  SimulatedRun run({.endpoint = Always(StreamedChat({})), .stop = stop, .load_model = OpenLoopAt(10, 10)});
  const RunResult result = run.Execute();
  CHECK(result.stop_reason == StopReason::kTargetRequests);
  CHECK(result.finish_line < result.started_at + 5s);
}

TEST_CASE("An endpoint that refuses every request from the start is given up, one that is overloaded is not",
          "[stop][open_loop]") {
  StopCondition stop = AllOf(1000);
  stop.refusals_at_start = 5;
  for (const int status : {401, 404}) {
    SimulatedRun run({.endpoint = Always(AnswerOf(status, R"({"error":{"message":"no such model"}})")),
                      .stop = stop,
                      .load_model = OpenLoopAt(10, 1000)});
    const RunResult result = run.Execute();
    CHECK(result.stop_reason == StopReason::kRefused);
    CHECK(run.transport.sent().size() == 5);
    CHECK(result.last_failure.find("no such model") != std::string::npos);
  }
  for (const int status : {429, 500, 503}) {
    SimulatedRun run(
        {.endpoint = Always(AnswerOf(status, "{}")), .stop = stop, .load_model = OpenLoopAt(10, 1000)});
    CHECK(run.Execute().stop_reason == StopReason::kTargetRequests);
    CHECK(run.transport.sent().size() == 1000);
  }
}

TEST_CASE("One request that was not refused lifts the limit of refusals for good", "[stop][open_loop]") {
  StopCondition stop = AllOf(100);
  stop.refusals_at_start = 5;
  for (const int64_t exception : {0, 4}) {
    for (const int status : {200, 500}) {
      const auto endpoint = [=](const HttpRequest&, int64_t index) {
        if (index != exception) return AnswerOf(404, "{}");
        return status == 200 ? StreamedChat({.tokens = 1, .time_to_first_token = 10ms}) : AnswerOf(500, "{}");
      };
      SimulatedRun run({.endpoint = endpoint, .stop = stop, .load_model = OpenLoopAt(10, 100)});
      const RunResult result = run.Execute();
      CHECK(result.stop_reason == StopReason::kTargetRequests);
      CHECK(result.totals.refusals_at_start == exception);
    }
  }
}
