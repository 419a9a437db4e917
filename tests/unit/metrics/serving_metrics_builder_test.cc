#include "llmdyno/metrics/serving_metrics_builder.h"

#include <vector>

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

ServingMetrics Measure(const std::vector<RequestRecord>& records, const ServingMetricsConfig& config = {}) {
  ServingMetricsBuilder builder(config);
  for (const RequestRecord& record : records) builder.OnRecord(record);
  return builder.Build();
}

// `count` requests of 10 tokens in one second each, due every 100 ms.
std::vector<RequestRecord> TenPerSecond(int count) {
  std::vector<RequestRecord> records;
  for (int i = 0; i < count; ++i) {
    records.push_back(MakeSteady(i * 100ms, 10, 100ms));
    records.back().request_id = i;
  }
  return records;
}

RequestRecord SentLate(RequestRecord record, Duration lag) {
  record.scheduled_at -= lag;
  return record;
}

// The stream of docs/metrics.md, "One stream, every tool".
RequestRecord DocumentedStream() {
  RequestRecord record =
      Make({.arrivals = {{.at = 100ms}, {.at = 160ms, .tokens = 3}, {.at = 220ms}}, .ended = 230ms});
  record.first_event_at = kStart + 40ms;
  record.first_content_at = kStart + 160ms;
  return record;
}

}  // namespace

TEST_CASE("A level without records has counts of zero and no rates", "[metrics][serving]") {
  const ServingMetrics metrics = Measure({}, {.goodput = Goodput{}});
  CHECK(metrics.all.requests == 0);
  CHECK(metrics.send_window == 0s);
  CHECK_FALSE(metrics.offered_per_second);
  CHECK_FALSE(metrics.sent_per_second);
  CHECK_FALSE(metrics.completed_per_second);
  CHECK_FALSE(metrics.successful_per_second);
  CHECK_FALSE(metrics.peak_output_tokens_per_second);
  CHECK_FALSE(metrics.without_usage_share);
  CHECK(metrics.good == 0);
  CHECK_FALSE(metrics.good_per_second);
  CHECK(metrics.peak_in_flight == 0);
  CHECK(metrics.errors.empty());
  CHECK(metrics.details.empty());
}

TEST_CASE("Thirty requests at 10 per second have a window of three seconds", "[metrics][serving]") {
  const ServingMetrics metrics = Measure(TenPerSecond(30));
  CHECK(metrics.send_window == 3s);
  CHECK(*metrics.offered_per_second == Approx(10.0));
  CHECK(*metrics.sent_per_second == Approx(10.0));
  // The last one is sent at 2.9 s and ends at 3.9 s: the completed rate has the drain inside.
  CHECK(metrics.all.elapsed == 3900ms);
  CHECK(*metrics.completed_per_second == Approx(30 / 3.9));
  CHECK(*metrics.successful_per_second == Approx(30 / 3.9));
  CHECK(*metrics.all.output_tokens_per_second == Approx(300 / 3.9));
}

TEST_CASE("One request, or all at once, have no rate to be sent at", "[metrics][serving]") {
  const ServingMetrics one = Measure({MakeSteady(0s, 10, 100ms)});
  CHECK_FALSE(one.offered_per_second);
  CHECK(one.send_window == 0s);
  CHECK(*one.completed_per_second == Approx(1.0));

  // Due together, sent a hair apart.
  const ServingMetrics burst =
      Measure({MakeSteady(0s, 10, 100ms), SentLate(MakeSteady(1ms, 10, 100ms), 1ms)});
  CHECK_FALSE(burst.offered_per_second);
  CHECK_FALSE(burst.sent_per_second);
}

TEST_CASE("Requests that left late show in the sent rate, not in the offered one", "[metrics][serving]") {
  // Due every 100 ms, sent every 200 ms.
  std::vector<RequestRecord> records;
  for (int i = 0; i < 10; ++i) records.push_back(SentLate(MakeSteady(i * 200ms, 2, 10ms), i * 100ms));
  const ServingMetrics metrics = Measure(records);
  CHECK(*metrics.offered_per_second == Approx(10.0));
  CHECK(*metrics.sent_per_second == Approx(5.0));
}

TEST_CASE("Every latency exists from the send and from the schedule", "[metrics][serving]") {
  const ServingMetrics metrics = Measure({SentLate(MakeSteady(0s, 10, 100ms), 50ms)});
  CHECK(*metrics.all.ttft.Mean() == Approx(100));
  CHECK(*metrics.ttft_from_schedule.Mean() == Approx(150));
  CHECK(*metrics.all.e2e.Mean() == Approx(1000));
  CHECK(*metrics.e2e_from_schedule.Mean() == Approx(1050));
  CHECK(*metrics.all.send_lag.Mean() == Approx(50));
  // Ten tokens in one second, prefill included.
  CHECK(*metrics.request_speed.Mean() == Approx(10));
}

TEST_CASE("The definition of the first token decides what TTFT is", "[metrics][serving]") {
  const auto with = [](FirstToken definition) {
    return Measure({SentLate(DocumentedStream(), 5ms)}, {.first_token = definition});
  };
  const ServingMetrics any_text = with(FirstToken::kAnyText);
  CHECK(any_text.first_token == FirstToken::kAnyText);
  CHECK(*any_text.all.ttft.Mean() == Approx(100));
  CHECK(*any_text.tpot_from_first_token.Mean() == Approx(30));

  const ServingMetrics any_chunk = with(FirstToken::kAnyChunk);
  CHECK(any_chunk.first_token == FirstToken::kAnyChunk);
  CHECK(*any_chunk.all.ttft.Mean() == Approx(40));
  CHECK(*any_chunk.ttft_from_schedule.Mean() == Approx(45));
  CHECK(*any_chunk.all.users.front().mean_ttft == 40ms);

  CHECK(*with(FirstToken::kContent).all.ttft.Mean() == Approx(160));
}

TEST_CASE("What vLLM's benchmark says of a stream is found under its definition", "[metrics][serving]") {
  // The row of vLLM in docs/metrics.md, "One stream, every tool": TTFT 40, latency 220, TPOT 45, ITL 60 three
  // times.
  const ServingMetrics metrics = Measure({DocumentedStream()}, {.first_token = FirstToken::kAnyChunk});
  CHECK(*metrics.all.ttft.Mean() == Approx(40));
  CHECK(*metrics.last_text_latency.Mean() == Approx(220));
  CHECK(*metrics.tpot_from_first_token.Mean() == Approx(45));
  CHECK(metrics.event_gaps.n() == 3);
  CHECK(*metrics.event_gaps.Min() == 60ms);
  CHECK(*metrics.event_gaps.Max() == 60ms);
  // Ours stay what they are.
  CHECK(*metrics.all.tpot.Mean() == Approx(30));
  CHECK(*metrics.all.e2e.Mean() == Approx(230));
}

TEST_CASE("Events of one read have no time between them", "[metrics][serving]") {
  const ServingMetrics metrics = Measure(
      {Make({.arrivals = {{.at = 100ms, .tokens = 2, .events = 2}, {.at = 200ms, .tokens = 3, .events = 3}},
             .ended = 200ms})});
  // 0; 100 ms, 0, 0.
  CHECK(metrics.event_gaps.n() == 4);
  CHECK(*metrics.event_gaps.Mean() == 25ms);
}

TEST_CASE("A response that was not streamed has neither TTFT nor TPOT nor ITL", "[metrics][serving]") {
  RequestRecord record = Make({.arrivals = {{.at = 1s}}, .ended = 2s, .output_tokens = 40});
  record.streamed = false;
  const ServingMetrics metrics = Measure({record}, {.keep_details = true});
  CHECK(metrics.all.successful == 1);
  CHECK(metrics.all.ttft.empty());
  CHECK(metrics.ttft_from_schedule.empty());
  CHECK(metrics.all.tpot.empty());
  CHECK(metrics.tpot_from_first_token.empty());
  CHECK(metrics.all.itl.empty());
  CHECK(metrics.event_gaps.empty());
  CHECK(*metrics.all.e2e.Mean() == Approx(2000));
  CHECK(*metrics.last_text_latency.Mean() == Approx(2000));
  CHECK(*metrics.request_speed.Mean() == Approx(20));
  CHECK_FALSE(metrics.details.at(0).ttft_s);
}

TEST_CASE("Failures are counted by what a table of errors prints", "[metrics][serving]") {
  std::vector<RequestRecord> records = {MakeSteady(0s, 10, 100ms)};
  const auto add = [&](OutcomeClass cls, std::optional<int> status = std::nullopt) {
    records.push_back(Make({.ended = 1s, .outcome = Failed(cls, status, "whatever it said")}));
  };
  add(OutcomeClass::kOverload, 503);
  add(OutcomeClass::kFirstByteTimeout);
  add(OutcomeClass::kIdleTimeout, 200);
  add(OutcomeClass::kTotalTimeout, 200);
  add(OutcomeClass::kOverload, 503);
  add(OutcomeClass::kConnectFailed);
  add(OutcomeClass::kCancelled);
  add(OutcomeClass::kHttpStatus, 500);
  const ServingMetrics metrics = Measure(records);
  using Errors = std::vector<std::pair<std::string, int64_t>>;
  CHECK(metrics.errors == Errors{{"Timeout", 3},
                                 {"HTTP 503", 2},
                                 {"Cancelled at the end of the drain", 1},
                                 {"Connection failed", 1},
                                 {"HTTP 500", 1}});
  CHECK(metrics.status_codes == std::map<int, int64_t>{{200, 3}, {500, 1}, {503, 2}});
  CHECK(metrics.all.failed == 8);
  CHECK(metrics.all.failures.size() == 7);  // the classes keep the timeouts apart
  CHECK(*metrics.all.success_rate_percent == Approx(100.0 / 9));
}

TEST_CASE("A request that the drain deadline cancelled is a failure without tokens", "[metrics][serving]") {
  RequestRecord cancelled = MakeSteady(0s, 10, 100ms);
  cancelled.outcome = Failed(OutcomeClass::kCancelled, 200);
  ServingMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  builder.OnFinishLine(kStart + 500ms, "target_requests");
  builder.OnRecord(cancelled);
  const ServingMetrics metrics = builder.Build();
  CHECK(metrics.all.successful == 1);
  CHECK(metrics.all.failed == 1);
  CHECK(metrics.all.output_tokens == 10);
  CHECK(metrics.all.ttft.n() == 1);
  CHECK(metrics.all.drain.in_flight == 0);
  CHECK_FALSE(metrics.all.has_finish_line);
}

TEST_CASE("When all failed there are rates and errors but no latencies", "[metrics][serving]") {
  std::vector<RequestRecord> records;
  for (int i = 0; i < 4; ++i) {
    records.push_back(Make(
        {.sent = i * 1s, .ended = i * 1s + 10ms, .outcome = Failed(OutcomeClass::kHttpStatus, 500, "no")}));
  }
  const ServingMetrics metrics = Measure(records, {.goodput = Goodput{.ttft = 1s}});
  CHECK(metrics.all.ttft.empty());
  CHECK_FALSE(metrics.all.e2e.Quantile(0.5));
  CHECK(*metrics.offered_per_second == Approx(1.0));
  CHECK(*metrics.completed_per_second == Approx(4 / 3.01));
  CHECK(*metrics.successful_per_second == 0);
  CHECK(*metrics.all.success_rate_percent == 0);
  CHECK_FALSE(metrics.without_usage_share);
  CHECK(metrics.good == 0);
  CHECK(*metrics.good_per_second == 0);
}

TEST_CASE("Percentiles of one, two and ten samples are interpolated and come with n", "[metrics][serving]") {
  // TTFT of request i is (i + 1) * 10 ms.
  const auto with = [](int count) {
    std::vector<RequestRecord> records;
    for (int i = 0; i < count; ++i) records.push_back(MakeSteady(0s, 1, (i + 1) * 10ms));
    return Measure(records).all.ttft;
  };
  CHECK(with(1).n() == 1);
  CHECK(*with(1).Quantile(0.99) == Approx(10));
  CHECK(*with(2).Quantile(0.5) == Approx(15));
  CHECK(*with(10).Quantile(0.9) == Approx(91));  // rank 8.1
  CHECK(with(10).IsThin(0.99));
  CHECK_FALSE(with(100).IsThin(0.99));
}

TEST_CASE("Tokens are priced only where the endpoint reported both counts", "[metrics][serving]") {
  RequestRecord cached = MakeSteady(0s, 10, 100ms);
  cached.cached_input_tokens = 4;
  RequestRecord counted_here = MakeSteady(0s, 7, 100ms);
  counted_here.output_tokens.source = TokenCountSource::kEvents;
  counted_here.input_tokens.source = TokenCountSource::kEstimated;
  RequestRecord failed = MakeSteady(0s, 10, 100ms);
  failed.outcome = Failed(OutcomeClass::kCutStream, 200);
  const ServingMetrics metrics = Measure({cached, MakeSteady(0s, 20, 100ms), counted_here, failed});
  CHECK(metrics.usage_output_tokens == 10 + 20);
  CHECK(metrics.usage_input_tokens == 10 + 10);
  CHECK(metrics.usage_cached_tokens == 4);
  CHECK(metrics.without_usage == 1);
  CHECK(*metrics.without_usage_share == Approx(1.0 / 3));
  // The throughput has them all.
  CHECK(metrics.all.output_tokens == 37);
}

TEST_CASE("The peak in flight counts requests from the send to the end", "[metrics][serving]") {
  // 0-1 s, 0.5-1.5 s, 1-2 s: the third begins as the first ends.
  CHECK(Measure({MakeSteady(0s, 10, 100ms), MakeSteady(500ms, 10, 100ms), MakeSteady(1s, 10, 100ms)})
            .peak_in_flight == 2);
  // Refused at once, all at the same instant.
  const RequestRecord refused = Make({.outcome = Failed(OutcomeClass::kConnectFailed)});
  CHECK(Measure({refused, refused, refused}).peak_in_flight == 3);
  CHECK(Measure(TenPerSecond(100)).peak_in_flight == 10);
}

TEST_CASE("The peak throughput is that of the busiest second, with tokens where they arrived",
          "[metrics][serving]") {
  // 10 tokens/s for 4 s; in the third second 20 events that are worth 3 tokens each.
  RequestRecord burst = MakeSteady(2s, 20, 45ms);
  burst.output_tokens.tokens = 60;
  const ServingMetrics metrics = Measure({MakeSteady(0s, 40, 100ms), burst});
  CHECK(*metrics.peak_output_tokens_per_second == Approx(70));
  // A level of half a second has its average.
  CHECK(*Measure({MakeSteady(0s, 10, 50ms)}).peak_output_tokens_per_second == Approx(20));
}

TEST_CASE("Good requests met every goal", "[metrics][serving]") {
  RequestRecord failed = MakeSteady(0s, 10, 10ms);
  failed.outcome = Failed(OutcomeClass::kCutStream, 200);
  // TTFT 10 ms; TTFT 100 ms; failed.
  const std::vector<RequestRecord> records = {MakeSteady(0s, 10, 10ms), MakeSteady(0s, 20, 100ms), failed};
  const ServingMetrics metrics = Measure(records, {.goodput = Goodput{.ttft = 50ms}});
  CHECK(metrics.good == 1);
  CHECK(*metrics.good_per_second == Approx(0.5));  // one in two seconds
  CHECK_FALSE(Measure(records).good);
  CHECK_FALSE(Measure(records).good_per_second);
}

TEST_CASE("Details come in the order of the schedule, with what failed", "[metrics][serving]") {
  RequestRecord first = SentLate(MakeSteady(100ms, 3, 100ms), 100ms);
  first.request_id = 0;
  first.output_text = "one two three";
  RequestRecord second =
      Make({.sent = 50ms, .ended = 80ms, .outcome = Failed(OutcomeClass::kOverload, 503, "busy")});
  second.request_id = 1;
  const ServingMetrics metrics = Measure({second, first}, {.keep_details = true});
  REQUIRE(metrics.details.size() == 2);
  const RequestDetail& good = metrics.details[0];
  CHECK(good.request_id == 0);
  CHECK(good.start_s == Approx(0.05));  // the second was sent first
  CHECK(*good.ttft_s == Approx(0.1));
  CHECK(good.latency_s == Approx(0.3));
  CHECK(good.queue_s == Approx(0.1));
  REQUIRE(good.itls_s.size() == 2);
  CHECK(good.itls_s[1] == Approx(0.1));
  CHECK(good.input_tokens == 10);
  CHECK(good.output_tokens == 3);
  CHECK(good.output_text == "one two three");
  CHECK(good.error.empty());
  const RequestDetail& bad = metrics.details[1];
  CHECK(bad.request_id == 1);
  CHECK(bad.start_s == 0);
  CHECK_FALSE(bad.ttft_s);
  CHECK(bad.latency_s == Approx(0.03));
  CHECK(bad.output_tokens == 0);
  CHECK(bad.error == "busy");
  CHECK(Measure({first}).details.empty());
}

TEST_CASE("Warm-up requests are in nothing but their count", "[metrics][serving]") {
  RequestRecord warm_up = MakeSteady(-10s, 10, 100ms);
  warm_up.phase = RunPhase::kWarmUp;
  const ServingMetrics metrics =
      Measure({warm_up, MakeSteady(0s, 10, 100ms)}, {.goodput = Goodput{}, .keep_details = true});
  CHECK(metrics.all.warm_up_requests == 1);
  CHECK(metrics.all.elapsed == 1s);
  CHECK(metrics.status_codes == std::map<int, int64_t>{{200, 1}});
  CHECK(metrics.usage_output_tokens == 10);
  CHECK(metrics.good == 1);
  CHECK(metrics.details.size() == 1);
}

TEST_CASE("Building a level does not end the building", "[metrics][serving]") {
  ServingMetricsBuilder builder;
  builder.OnRecord(MakeSteady(0s, 10, 100ms));
  CHECK(builder.Build().all.successful == 1);
  builder.OnRecord(MakeSteady(1s, 10, 100ms));
  CHECK(builder.Build().all.successful == 2);
}
