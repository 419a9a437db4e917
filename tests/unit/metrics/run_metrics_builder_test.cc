#include "llmdyno/metrics/run_metrics_builder.h"

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

int64_t RequestsOfUsers(const RunMetrics& metrics) {
  int64_t sum = 0;
  for (const UserSummary& user : metrics.users) sum += user.requests;
  return sum;
}

}  // namespace

TEST_CASE("A race without records has counts of zero and no rates", "[metrics][run]") {
  const RunMetrics metrics = RunMetricsBuilder().Build();
  CHECK(metrics.requests == 0);
  CHECK(metrics.output_tokens == 0);
  CHECK_FALSE(metrics.first_send_at);
  CHECK_FALSE(metrics.output_tokens_per_second);
  CHECK_FALSE(metrics.peak_output_tokens_per_second);
  CHECK_FALSE(metrics.success_rate_percent);
  CHECK_FALSE(metrics.ramp_up);
  CHECK_FALSE(metrics.arrivals.UpperBoundShare());
  CHECK(metrics.ttft.empty());
}

TEST_CASE("A race is judged as at the finish line", "[metrics][run]") {
  RunMetricsBuilder builder;
  // Ends at 1 s with 10 tokens.
  builder.OnRecord(MakeSteady(0s, 10, 100ms, 0));
  // The line at 2 s: this one (sent at 1 s, a token every 100 ms) has 10 of its 30 tokens by then ...
  builder.OnFinishLine(kStart + 2s, "target_tokens");
  builder.OnRecord(MakeSteady(1s, 30, 100ms, 0));
  // ... and this one, sent at 1.95 s, has none.
  builder.OnRecord(MakeSteady(1950ms, 5, 100ms, 1));

  const RunMetrics metrics = builder.Build();
  CHECK(metrics.has_finish_line);
  CHECK(metrics.stop_reason == "target_tokens");
  CHECK(metrics.elapsed == 2s);
  CHECK(metrics.output_tokens == 10 + 10);
  CHECK(metrics.input_tokens == 10 + 10);
  CHECK(metrics.total_tokens == 40);
  CHECK(*metrics.output_tokens_per_second == 20 / 2.0);
  CHECK(metrics.requests == 2);
  CHECK(metrics.successful == 2);
  CHECK(metrics.failed == 0);
  CHECK(*metrics.success_rate_percent == 100);
  CHECK(*metrics.requests_per_second == 1);

  CHECK(metrics.drain.in_flight == 2);
  CHECK(metrics.drain.without_token == 1);
  CHECK(metrics.drain.completed == 2);
  CHECK(metrics.drain.output_tokens == 20 + 5);
  CHECK(metrics.drain.duration == 2s);  // the last end is at 4 s

  // Latencies: all three ended ok. The histogram has 9 + 29 + 4 gaps of 100 ms.
  CHECK(metrics.ttft.n() == 3);
  CHECK(*metrics.ttft.Mean() == Approx(100));
  CHECK(*metrics.tpot.Mean() == Approx(100));
  CHECK(metrics.itl.n() == 42);
  CHECK(*metrics.itl.Mean() == 100ms);
  CHECK(*metrics.e2e.Max() == Approx(3000));
}

TEST_CASE("Requests of the users add up to the requests of the race", "[metrics][run]") {
  RunMetricsBuilder builder;
  for (int i = 0; i < 7; ++i) builder.OnRecord(MakeSteady(i * 1s, 2, 100ms, i % 3));
  builder.OnRecord(
      Make({.sent = 7s, .ended = 8s, .user_id = 2, .outcome = Failed(OutcomeClass::kOverload, 503)}));
  builder.OnFinishLine(kStart + 8s, "target_requests");
  builder.OnRecord(MakeSteady(7500ms, 9, 1s, 4));  // no token at the line
  const RunMetrics metrics = builder.Build();
  REQUIRE(metrics.users.size() == 4);
  CHECK(RequestsOfUsers(metrics) == metrics.requests);
  CHECK(metrics.requests == 8);
  CHECK(metrics.users[0].requests == 3);
  CHECK(*metrics.users[0].mean_ttft == 100ms);
  CHECK(metrics.users[2].requests == 3);
  CHECK(metrics.users[2].failed == 1);
  CHECK(metrics.users[3].requests == 0);
  CHECK_FALSE(metrics.users[3].mean_ttft);
}

TEST_CASE("Failures are counted by class with one message each, overload by status", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  builder.OnRecord(
      Make({.ended = 10ms, .outcome = Failed(OutcomeClass::kConnectFailed, std::nullopt, "refused")}));
  builder.OnRecord(Make({.ended = 20ms, .outcome = Failed(OutcomeClass::kOverload, 503, "busy")}));
  builder.OnRecord(Make({.ended = 30ms, .outcome = Failed(OutcomeClass::kOverload, 429, "slow down")}));
  builder.OnFinishLine(kStart + 1s, "duration");
  const RunMetrics metrics = builder.Build();
  CHECK(metrics.requests == 4);
  CHECK(metrics.failed == 3);
  CHECK(*metrics.success_rate_percent == Approx(25));
  REQUIRE(metrics.failures.size() == 2);
  CHECK(metrics.failures[0].cls == OutcomeClass::kOverload);
  CHECK(metrics.failures[0].count == 2);
  CHECK(metrics.failures[0].sample_message == "busy");
  CHECK(metrics.failures[1].cls == OutcomeClass::kConnectFailed);
  CHECK(metrics.http_429 == 1);
  CHECK(metrics.http_503 == 1);
  // Latencies of failures are kept apart.
  CHECK(metrics.e2e.n() == 1);
  CHECK(metrics.failed_e2e.n() == 3);
  CHECK(*metrics.failed_e2e.Mean() == Approx(20));
}

TEST_CASE("A failure in the drain is no failure of the race", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnFinishLine(kStart + 500ms, "interrupted");
  RequestRecord cancelled = MakeSteady(0s, 10, 100ms);
  cancelled.outcome = Failed(OutcomeClass::kCancelled);
  builder.OnRecord(cancelled);
  RequestRecord cut = MakeSteady(450ms, 10, 100ms);
  cut.outcome = Failed(OutcomeClass::kCutStream, 200);
  builder.OnRecord(cut);
  const RunMetrics metrics = builder.Build();
  CHECK(metrics.failed == 0);
  CHECK(metrics.failures.empty());
  CHECK(metrics.successful == 1);
  CHECK(metrics.output_tokens == 5);
  CHECK(metrics.drain.cancelled == 1);
  CHECK(metrics.drain.failed == 1);
  CHECK(metrics.drain.completed == 0);
  CHECK(metrics.drain.output_tokens == 5 + 10);
  CHECK(metrics.ttft.empty());
}

TEST_CASE("Warm-up requests are counted and otherwise ignored", "[metrics][run]") {
  RunMetricsBuilder builder;
  RequestRecord warm_up = MakeSteady(-10s, 10, 100ms);
  warm_up.phase = RunPhase::kWarmUp;
  builder.OnRecord(warm_up);
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  const RunMetrics metrics = builder.Build();
  CHECK(metrics.warm_up_requests == 1);
  CHECK(metrics.requests == 1);
  CHECK(metrics.first_send_at == kStart);
  CHECK(metrics.send_lag.n() == 1);
}

TEST_CASE("Without a finish line the race ends at the latest instant that was seen", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 40, 100ms));
  builder.OnRecord(MakeSteady(1s, 10, 100ms));
  const RunMetrics metrics = builder.Build();
  CHECK_FALSE(metrics.has_finish_line);
  CHECK(metrics.stop_reason.empty());
  CHECK(metrics.elapsed == 4s);
  CHECK(metrics.output_tokens == 50);
  CHECK(metrics.drain.in_flight == 0);
}

TEST_CASE("Ramp-up ends when the last user has sent something", "[metrics][run]") {
  RunMetricsBuilder builder;
  // Three users begin at 0, 1 and 2 s with 10 tokens per second each, all of them until 12 s.
  for (int user = 0; user < 3; ++user) builder.OnRecord(MakeSteady(user * 1s, (12 - user) * 10, 100ms, user));
  builder.OnFinishLine(kStart + 12s, "duration");
  const RunMetrics metrics = builder.Build({.users = 3});
  REQUIRE(metrics.ramp_up);
  CHECK(metrics.ramp_up->duration == 2s);
  CHECK(*metrics.ramp_up->tokens_per_second_after == Approx(30).epsilon(0.02));
  CHECK_FALSE(builder.Build({.users = 4}).ramp_up);
  CHECK_FALSE(builder.Build().ramp_up);
  CHECK(builder.Build({.all_users_active_at = kStart + 3s}).ramp_up->duration == 3s);
}

TEST_CASE("The peak is over ten seconds and never below the average", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 200, 100ms, 0));  // 10 tokens/s for 20 s
  builder.OnRecord(MakeSteady(5s, 500, 20ms, 1));   // and 50 more for 10 s of them
  builder.OnFinishLine(kStart + 20s, "duration");
  const RunMetrics metrics = builder.Build();
  CHECK(*metrics.output_tokens_per_second == Approx(700 / 20.0));
  CHECK(*metrics.peak_output_tokens_per_second == Approx(60).epsilon(0.02));
}

TEST_CASE("The tokens of a response that tells its count only at the end are spread over its arrivals",
          "[metrics][run]") {
  // 100 events, but usage says 300 tokens: 30 tokens/s for 10 s. The second request shares it to 20 s.
  RunMetricsBuilder builder;
  for (const Duration sent : {Duration(0s), Duration(10s)}) {
    RequestRecord record = MakeSteady(sent, 100, 100ms);
    record.output_tokens.tokens = 300;
    builder.OnRecord(record);
  }
  builder.OnFinishLine(kStart + 20s, "duration");
  const RunMetrics metrics = builder.Build();
  CHECK(metrics.output_tokens == 600);
  CHECK(*metrics.peak_output_tokens_per_second == Approx(30).epsilon(0.02));
  CHECK(*metrics.tokens_per_event == Approx(3));
  CHECK(*metrics.announced_token_share == Approx(1.0 / 3));
}

TEST_CASE("A response that was not streamed brings its tokens at its end", "[metrics][run]") {
  RunMetricsBuilder builder;
  RequestRecord record = Make({.ended = 2s, .output_tokens = 40});
  record.streamed = false;
  builder.OnRecord(record);
  builder.OnFinishLine(kStart + 4s, "target_requests");
  const RunMetrics metrics = builder.Build();
  CHECK(metrics.output_tokens == 40);
  CHECK(*metrics.output_tokens_per_second == Approx(10));
  CHECK(metrics.ttft.empty());
  CHECK(metrics.e2e.n() == 1);
  CHECK_FALSE(metrics.tokens_per_event);
}

TEST_CASE("The sources of token counts are told apart", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  RequestRecord without_usage = MakeSteady(0s, 7, 100ms);
  without_usage.output_tokens.source = TokenCountSource::kEvents;
  without_usage.input_tokens = {5, TokenCountSource::kEstimated};
  builder.OnRecord(without_usage);
  const RunMetrics metrics = builder.Build();
  REQUIRE(metrics.output_token_sources.size() == 2);
  CHECK(metrics.output_token_sources[0].source == TokenCountSource::kUsage);
  CHECK(metrics.output_token_sources[0].tokens == 10);
  CHECK(metrics.output_token_sources[1].source == TokenCountSource::kEvents);
  CHECK(metrics.output_token_sources[1].requests == 1);
  CHECK(metrics.output_token_sources[1].tokens == 7);
  REQUIRE(metrics.input_token_sources.size() == 2);
  CHECK(metrics.input_token_sources[1].tokens == 5);
}

TEST_CASE("Arrivals tell which clock stamped them and how many are upper bounds", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnRecord(Make({.arrivals = {{.at = 10ms}, {.at = 20ms, .tokens = 3, .events = 3}}, .ended = 20ms}));
  RequestRecord late = MakeSteady(0s, 4, 10ms);
  late.arrival_clock = ArrivalClock::kWakeUp;
  builder.OnRecord(late);
  const RunMetrics metrics = builder.Build();
  CHECK(metrics.arrivals.events == 8);
  CHECK(metrics.arrivals.upper_bounds == 2);  // of three events in one read two may have come earlier
  CHECK(metrics.arrivals.kernel == 4);
  CHECK(metrics.arrivals.wake_up == 4);
  CHECK(*metrics.arrivals.UpperBoundShare() == Approx(0.25));
}

TEST_CASE("Lengths are compared only when the run insists on them", "[metrics][run]") {
  RunMetricsBuilder builder;
  for (const int64_t tokens : {10, 10, 8}) {
    RequestRecord record = MakeSteady(0s, tokens, 100ms);
    record.requested_output_tokens = 10;
    builder.OnRecord(record);
  }
  CHECK_FALSE(builder.Build().output_length_mismatches);
  CHECK(builder.Build({.expects_requested_length = true}).output_length_mismatches == 1);
}

TEST_CASE("The time to the first send counts from the start of the phase", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  CHECK(builder.Build({.run_started_at = kStart - 12ms}).time_to_first_send == Duration(12ms));
  CHECK_FALSE(builder.Build().time_to_first_send);
}

TEST_CASE("Building does not end the building", "[metrics][run]") {
  RunMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  CHECK(builder.Build().output_tokens == 10);
  builder.OnRecord(MakeSteady(1s, 10, 100ms));
  CHECK(builder.Build().output_tokens == 20);
}
