// When a race ends, and that the records say the same as the live count.
#include <algorithm>
#include <numeric>

#include "simulation/simulated_run.h"

using namespace llmdyno;

namespace {

// Streams that differ from one another, so that hardly two tokens ever arrive at the same instant.
SimulatedEndpoint UnevenStreams(int64_t tokens_per_chunk = 1) {
  return [=](const HttpRequest&, int64_t index) {
    return StreamedChat({.tokens = 20 + index % 7,
                         .time_to_first_token = 50ms + index * 1'370us,
                         .inter_token_latency = 11ms + (index % 13) * 170us,
                         .tokens_per_chunk = tokens_per_chunk});
  };
}

// Every token of the records, as its instant of arrival.
std::vector<TimePoint> TokenInstants(const std::vector<RequestRecord>& records) {
  std::vector<TimePoint> instants;
  for (const RequestRecord& record : records) {
    for (const Arrival& arrival : record.arrivals)
      instants.insert(instants.end(), arrival.tokens, arrival.at);
  }
  std::sort(instants.begin(), instants.end());
  return instants;
}

}  // namespace

TEST_CASE("The finish line is drawn at the arrival of the token that completes the target", "[finish_line]") {
  for (const int64_t target : {1, 2, 19, 100, 1234}) {
    SimulatedRun run({.endpoint = UnevenStreams(),
                      .load = {.users = 7, .ramp_users_per_second = 40},
                      .stop = {.output_tokens = target}});
    const RunResult result = run.Execute();
    INFO("target " << target);
    CHECK(result.stop_reason == StopReason::kTargetTokens);
    CHECK(result.finish_line == TokenInstants(run.records())[static_cast<size_t>(target - 1)]);
    CHECK(result.totals.output_tokens == target);
    CHECK(run.TokensByLine() == target);
  }
}

TEST_CASE("Tokens of the same instant cross the line together", "[finish_line]") {
  // Eight users in lockstep: 8 tokens at each instant, so the 20th arrives with the third batch, at 100 + 2 x
  // 20 ms.
  SimulatedRun run({.endpoint = [](const HttpRequest&, int64_t) { return StreamedChat({}); },
                    .load = {.users = 8, .ramp_users_per_second = 0},
                    .stop = {.output_tokens = 20}});
  const RunResult result = run.Execute();
  CHECK(result.finish_line == result.started_at + 140ms);
  CHECK(result.totals.output_tokens == 20);
  CHECK(run.TokensByLine() == 24);
}

TEST_CASE("Nothing is sent after the finish line", "[finish_line]") {
  SimulatedRun run({.endpoint = UnevenStreams(),
                    .load = {.users = 5, .ramp_users_per_second = 0},
                    .stop = {.output_tokens = 333}});
  const RunResult result = run.Execute();
  CHECK(std::ranges::all_of(run.transport.sent_at(), [&](TimePoint at) { return at <= result.finish_line; }));
  CHECK(result.totals.requests_issued == std::ssize(run.transport.sent()));
}

TEST_CASE("What is in flight at the line drains and is recorded in full", "[finish_line]") {
  SimulatedRun run({.endpoint = UnevenStreams(),
                    .load = {.users = 5, .ramp_users_per_second = 0},
                    .stop = {.output_tokens = 333}});
  const RunResult result = run.Execute();
  CHECK(result.in_flight_at_line == 5);
  CHECK(result.cancelled_in_drain == 0);
  CHECK(result.drained_at > result.finish_line);
  CHECK(std::ssize(run.records()) == result.totals.requests_ended + 5);
  CHECK(static_cast<int64_t>(run.collected.records_at_line) == result.totals.requests_ended);
  TimePoint last_end;
  for (const RequestRecord& record : run.records()) {
    CHECK(record.outcome.ok());
    CHECK(record.output_tokens.tokens == record.arrivals.total_tokens());
    last_end = std::max(last_end, record.ended_at);
  }
  CHECK(result.drained_at == last_end);
}

TEST_CASE("The drain ends at its deadline and what is left is cancelled", "[finish_line]") {
  const auto endless = [](const HttpRequest&, int64_t) {
    return StreamedChat({.tokens = 100'000, .inter_token_latency = 10ms});
  };
  SimulatedRun run({.endpoint = endless,
                    .load = {.users = 3, .ramp_users_per_second = 0},
                    .stop = {.output_tokens = 30},
                    .drain_timeout = 2s});
  const RunResult result = run.Execute();
  CHECK(result.drained_at == result.finish_line + 2s);
  CHECK(result.cancelled_in_drain == 3);
  for (const RequestRecord& record : run.records()) {
    CHECK(record.outcome.cls == OutcomeClass::kCancelled);
    CHECK(record.ended_at == result.drained_at);
    CHECK(record.arrivals.total_tokens() > 100);  // what came in the drain is kept
  }
  CHECK(run.TokensByLine() == 30);
}

TEST_CASE("A drain of no time cancels at the line, one of any length never overflows", "[finish_line]") {
  const auto endpoint = UnevenStreams();
  SimulatedRun none({.endpoint = endpoint, .stop = {.output_tokens = 5}, .drain_timeout = 0s});
  const RunResult cut = none.Execute();
  CHECK(cut.drained_at == cut.finish_line);
  CHECK(cut.cancelled_in_drain == 1);
  SimulatedRun endless(
      {.endpoint = endpoint, .stop = {.output_tokens = 5}, .drain_timeout = Duration::max()});
  CHECK(endless.Execute().cancelled_in_drain == 0);
}

TEST_CASE("With continuous usage a chunk of several tokens weighs what it holds", "[finish_line]") {
  // Chunks of 1, 4 and 3 tokens; the fifth token comes with the second chunk, at 30 ms.
  const auto endpoint = [](const HttpRequest&, int64_t) {
    return StreamOf({{10ms, TextChunk("a", 1)},
                     {30ms, TextChunk(" b c d e", 5)},
                     {70ms, TextChunk(" f g h", 8)},
                     {70ms, FinishChunk()},
                     {70ms, UsageChunk(8)},
                     {70ms, "[DONE]"}});
  };
  SimulatedRun run(
      {.endpoint = endpoint, .stop = {.output_tokens = 5}, .dialect = {.continuous_usage = true}});
  const RunResult result = run.Execute();
  CHECK(result.finish_line == result.started_at + 30ms);
  CHECK(result.totals.output_tokens == 5);
  CHECK(run.TokensByLine() == 5);
  std::vector<uint32_t> weights;
  for (const Arrival& arrival : run.records()[0].arrivals) weights.push_back(arrival.tokens);
  CHECK(weights == std::vector<uint32_t>{1, 4, 3});
}

TEST_CASE("Without continuous usage the live count is put right when a request ends", "[finish_line]") {
  // 24 tokens in six chunks: six are seen as they arrive, 18 more are told at the end, at 100 + 5 x 20 ms.
  // The target of 20 is reached there.
  const auto endpoint = [](const HttpRequest&, int64_t) {
    return StreamedChat({.tokens = 24, .tokens_per_chunk = 4});
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.output_tokens = 20}});
  const RunResult result = run.Execute();
  CHECK(result.finish_line == result.started_at + 200ms);
  CHECK(result.totals.output_tokens == 24);
  CHECK(run.TokensByLine() == 24);
}

TEST_CASE("At every end of a request the live count equals the records so far", "[finish_line]") {
  for (const bool fails : {false, true}) {
    std::vector<int64_t> live;
    const auto endpoint = [=](const HttpRequest&, int64_t index) {
      SimulatedResponse response = StreamedChat({.tokens = 10 + index, .tokens_per_chunk = 1 + index % 4});
      if (fails && index % 3 == 2) {
        response.body.resize(response.body.size() / 2);
        response.end = OutcomeClass::kCutStream;
      }
      return response;
    };
    // One user: whenever a request has been sent, all before it have ended. Progress is asked for often
    // enough to fall into the gap before each first token.
    SimulatedRun run({.endpoint = endpoint,
                      .stop = {.requests = 12},
                      .on_progress =
                          [&](const RunProgress& progress) {
                            if (progress.totals.requests_ended == std::ssize(live))
                              live.push_back(progress.totals.output_tokens);
                          },
                      .progress_interval = 1ms});
    const RunResult result = run.Execute();
    std::vector<int64_t> recorded = {0};
    for (const RequestRecord& record : run.records()) {
      recorded.push_back(recorded.back() + (record.outcome.ok() ? record.output_tokens.tokens : 0));
    }
    CHECK(result.totals.output_tokens == recorded.back());
    CHECK(run.TokensByLine() == recorded.back());
    recorded.pop_back();
    CHECK(live == recorded);
  }
}

TEST_CASE("A count that comes with the last text weighs that text as what is new", "[finish_line]") {
  const auto endpoint = [](const HttpRequest&, int64_t) {
    return StreamOf({{10ms, TextChunk("a")},
                     {20ms, TextChunk(" b")},
                     {30ms, TextChunk(" c", 3)},
                     {30ms, FinishChunk()},
                     {30ms, "[DONE]"}});
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.requests = 1}});
  run.Execute();
  CHECK(run.records()[0].arrivals.total_tokens() == 3);
  CHECK(run.records()[0].output_tokens == TokenCount{3, TokenCountSource::kUsage});
}

TEST_CASE("A count of 0 beside the texts is no count", "[finish_line]") {
  const auto endpoint = [](const HttpRequest&, int64_t) {
    return StreamOf({{10ms, TextChunk("a", 0)},
                     {20ms, TextChunk(" b", 0)},
                     {30ms, FinishChunk()},
                     {30ms, UsageChunk(2)},
                     {30ms, "[DONE]"}});
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.requests = 1}});
  run.Execute();
  CHECK(run.records()[0].arrivals.total_tokens() == 2);
  CHECK(run.records()[0].output_tokens.tokens == 2);
}

TEST_CASE("A failure in mid-stream takes its tokens back", "[finish_line]") {
  // The first stream gives 30 tokens and is cut; the target of 40 is then reached by good ones alone.
  const auto endpoint = [](const HttpRequest&, int64_t index) {
    SimulatedResponse response = StreamedChat({.tokens = 60});
    if (index == 0) {
      response.body.resize(30);
      response.end_at = response.body.back().at + 5ms;
      response.end = OutcomeClass::kCutStream;
    }
    return response;
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.output_tokens = 40}});
  const RunResult result = run.Execute();
  REQUIRE(run.records().size() == 2);
  CHECK(run.records()[0].outcome.cls == OutcomeClass::kCutStream);
  CHECK(run.records()[0].arrivals.total_tokens() == 30);
  std::vector<TimePoint> good;
  for (const Arrival& arrival : run.records()[1].arrivals) good.push_back(arrival.at);
  CHECK(result.finish_line == good[39]);
  CHECK(result.totals.output_tokens == 40);
  CHECK(run.TokensByLine() == 40);
}

TEST_CASE("A request that fails after the line keeps the tokens that it had by then", "[finish_line]") {
  const auto endpoint = [](const HttpRequest&, int64_t) {
    SimulatedResponse response = StreamedChat({.tokens = 60});
    response.body.resize(30);
    response.end_at = response.body.back().at;
    response.end = OutcomeClass::kCutStream;
    return response;
  };
  SimulatedRun run({.endpoint = endpoint, .stop = {.output_tokens = 25}});
  CHECK(run.Execute().totals.output_tokens == 25);
  CHECK(run.TokensByLine() == 25);
}

TEST_CASE("A failure moves no finish line: it is drawn where the last token came", "[finish_line]") {
  // User 0 is refused for good at 500 ms; user 1 delivers the tenth token at 100 + 9 x 100 ms.
  const auto endpoint = [](const HttpRequest&, int64_t index) {
    if (index == 0) return Failure(OutcomeClass::kConnectFailed, 500ms);
    return StreamedChat({.tokens = 50, .inter_token_latency = 100ms});
  };
  SimulatedRun run(
      {.endpoint = endpoint,
       .load = {.users = 2, .ramp_users_per_second = 0, .first_backoff = 10s, .max_backoff = 10s},
       .stop = {.output_tokens = 10}});
  const RunResult result = run.Execute();
  CHECK(result.finish_line == result.started_at + 1s);
}
