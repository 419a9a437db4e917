#include "llmdyno/metrics/sweep_metrics_builder.h"

#include <cmath>
#include <vector>

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

SweepLevelMetrics Measure(const std::vector<RequestRecord>& records, const SweepMetricsConfig& config = {}) {
  SweepMetricsBuilder builder(config);
  for (const RequestRecord& record : records) builder.OnRecord(record);
  return builder.Build();
}

// What docs/metrics.md promises of every formula.
auto Exactly(double value) { return Approx(value).epsilon(1e-9).margin(1e-12); }

// A stream of 5 tokens: sent at `sent`, the first token `ttft` later, then one every `gap`; the stream ends
// 10 ms behind the last.
struct Scripted {
  Duration sent{};
  Duration ttft = 200ms;
  Duration gap = 50ms;
  int64_t run = 0;
};
RequestRecord Streamed(const Scripted& script) {
  RequestRecord record =
      Make({.sent = script.sent, .ended = script.sent + script.ttft + 4 * script.gap + 10ms});
  for (int token = 0; token < 5; ++token) {
    record.arrivals.Append({.at = kStart + script.sent + script.ttft + token * script.gap});
  }
  record.first_event_at = record.first_text_at = record.first_content_at = record.arrivals.first_at();
  record.last_text_at = record.arrivals.last_at();
  record.output_tokens.tokens = 5;
  record.input_tokens.tokens = 100;
  record.run = script.run;
  return record;
}

RequestRecord Broken(Duration sent, Duration ended, int64_t run = 0) {
  RequestRecord record =
      Make({.sent = sent, .ended = ended, .outcome = Failed(OutcomeClass::kOverload, 503, "busy")});
  record.run = run;
  return record;
}

// What was asked for in a batch: all due at one instant, whenever they left.
RequestRecord DueAt(RequestRecord record, Duration due) {
  record.scheduled_at = kStart + due;
  return record;
}

}  // namespace

TEST_CASE("Each figure of a request follows its formula", "[metrics][sweep]") {
  // 100 tokens in, the first of 5 out at 200 ms, the last at 400 ms, the end at 410 ms.
  const RequestFigures figures = Measure({Streamed({})}).request;
  CHECK(*figures.input_tokens.Mean() == 100);
  CHECK(*figures.output_tokens.Mean() == 5);
  CHECK(*figures.ttft_s.Mean() == Exactly(0.2));
  CHECK(*figures.ttfo_s.Mean() == Exactly(0.2));
  CHECK(*figures.e2e_s.Mean() == Exactly(0.4));
  CHECK(*figures.decode_time_s.Mean() == Exactly(0.2));
  CHECK(*figures.tpot_s.Mean() == Exactly(0.05));
  CHECK(*figures.input_throughput.Mean() == Exactly(500));
  CHECK(*figures.output_throughput.Mean() == Exactly(20));
  CHECK(*figures.request_tokens_per_second.Mean() == Exactly(5 / 0.41));
}

TEST_CASE("Each figure of a run follows its formula", "[metrics][sweep]") {
  // Three requests, due at once; one left 3 ms late. They end at 410, 613 and 310 ms.
  const RunFigures run =
      Measure({Streamed({}), DueAt(Streamed({.sent = 3ms, .gap = 100ms}), 0ms), Streamed({.ttft = 100ms})})
          .run;
  CHECK(*run.batch_total_s.Mean() == Exactly(0.613));
  CHECK(*run.fastest_s.Mean() == Exactly(0.31));
  CHECK(*run.slowest_s.Mean() == Exactly(0.613));
  CHECK(*run.spread_s.Mean() == Exactly(0.303));
  CHECK(*run.send_spread_s.Mean() == Exactly(0.003));
  CHECK(*run.combined_throughput.Mean() == Exactly(20 + 10 + 20));  // 4 / 0.2, 4 / 0.4, 4 / 0.2
  CHECK(*run.tokens_per_second.Mean() == Exactly(15 / 0.613));
  CHECK(*run.total_tokens_per_second.Mean() == Exactly(315 / 0.613));
  CHECK(*run.requests_per_second.Mean() == Exactly(3 / 0.613));
  CHECK(run.items_per_second.empty());
  CHECK(run.items.empty());
}

TEST_CASE("Requests of all runs are pooled, and each run has one value of its own", "[metrics][sweep]") {
  // Runs of 2, 1 and 1 requests, a second apart.
  const SweepLevelMetrics level =
      Measure({Streamed({.ttft = 100ms}), Streamed({.ttft = 300ms}), Streamed({.sent = 1s, .run = 1}),
               Streamed({.sent = 2s, .ttft = 600ms, .run = 2})});
  CHECK(level.runs == 3);
  CHECK(level.requests == 4);
  CHECK(level.request.ttft_s.n() == 4);
  CHECK(*level.request.ttft_s.Mean() == Exactly((0.1 + 0.3 + 0.2 + 0.6) / 4));
  // Of a sample: deviations -0.2, 0, -0.1, 0.3; squares 0.04 + 0 + 0.01 + 0.09 = 0.14; / 3.
  CHECK(*level.request.ttft_s.StandardDeviation() == Exactly(std::sqrt(0.14 / 3)));
  REQUIRE(level.run.batch_total_s.n() == 3);
  // 0.51, 0.41, 0.81: mean 1.73 / 3.
  const double mean = 1.73 / 3;
  CHECK(*level.run.batch_total_s.Mean() == Exactly(mean));
  CHECK(*level.run.batch_total_s.StandardDeviation() ==
        Exactly(
            std::sqrt((std::pow(0.51 - mean, 2) + std::pow(0.41 - mean, 2) + std::pow(0.81 - mean, 2)) / 2)));
  // Decode speeds are 20 each: 40, 20, 20.
  CHECK(*level.run.combined_throughput.Mean() == Exactly(80.0 / 3));
}

TEST_CASE("A single run has means and no deviation", "[metrics][sweep]") {
  const SweepLevelMetrics level = Measure({Streamed({})});
  CHECK(level.run.tokens_per_second.n() == 1);
  CHECK_FALSE(level.run.tokens_per_second.StandardDeviation());
}

TEST_CASE("Failures are counted, are in the time of the batch and in no other figure", "[metrics][sweep]") {
  const SweepLevelMetrics level = Measure({Streamed({}), Broken(0ms, 5ms), Broken(0ms, 1s)});
  CHECK(level.requests == 3);
  CHECK(level.successful == 1);
  CHECK(level.failed == 2);
  CHECK(*level.success_rate_percent == Exactly(100.0 / 3));
  CHECK(level.request.e2e_s.n() == 1);
  CHECK(*level.run.batch_total_s.Mean() == Exactly(1));
  CHECK(*level.run.fastest_s.Mean() == Exactly(0.41));
  CHECK(*level.run.slowest_s.Mean() == Exactly(0.41));
  CHECK(*level.run.tokens_per_second.Mean() == Exactly(5));
  CHECK(*level.run.requests_per_second.Mean() == Exactly(1));
  REQUIRE(level.all.failures.size() == 1);
  CHECK(level.all.failures[0].count == 2);
  CHECK(level.all.failures[0].sample_message == "busy");
  CHECK(level.all.http_503 == 2);
}

TEST_CASE("A level whose runs all failed has its counts and nothing else", "[metrics][sweep]") {
  const SweepLevelMetrics level = Measure({Broken(0ms, 5ms), Broken(1s, 1005ms, 1), Broken(2s, 2005ms, 2)});
  CHECK(level.runs == 3);
  CHECK(level.failed == 3);
  CHECK(*level.success_rate_percent == 0);
  CHECK(level.request.e2e_s.empty());
  CHECK(level.request.input_tokens.empty());
  CHECK(level.run.batch_total_s.empty());
  CHECK(level.run.tokens_per_second.empty());
  CHECK(level.run.combined_throughput.empty());
  CHECK_FALSE(level.last_run);
  CHECK_FALSE(level.extras.cost);
  CHECK(level.extras.finish_reasons.empty());
  CHECK(level.adapters.empty());
}

TEST_CASE("A run without a success has no figures beside runs that have", "[metrics][sweep]") {
  const SweepLevelMetrics level =
      Measure({Streamed({}), Broken(1s, 1005ms, 1), Streamed({.sent = 2s, .run = 2}), Broken(3s, 4s, 3)});
  CHECK(level.runs == 4);
  CHECK(level.run.fastest_s.n() == 2);
  CHECK(*level.run.fastest_s.Min() == Exactly(0.41));
  REQUIRE(level.last_run);  // of the third: the last one that had a success
  CHECK(level.last_run->tokens.size() == 9);
}

TEST_CASE("A level without a record has counts of zero", "[metrics][sweep]") {
  const SweepLevelMetrics level = Measure({}, {.expects_exact_output = true});
  CHECK(level.runs == 0);
  CHECK(level.requests == 0);
  CHECK_FALSE(level.success_rate_percent);
  CHECK(level.output_lengths->requests == 0);
}

TEST_CASE("An answer that was not streamed has end-to-end figures and no TTFT", "[metrics][sweep]") {
  RequestRecord record = Make({.arrivals = {{.at = 990ms, .tokens = 41}}, .ended = 1s, .input_tokens = 100});
  record.streamed = false;
  const RequestFigures figures = Measure({record}).request;
  CHECK(figures.ttft_s.empty());
  CHECK(figures.ttfo_s.empty());
  CHECK(figures.input_throughput.empty());
  CHECK(*figures.e2e_s.Mean() == Exactly(1));
  CHECK(*figures.decode_time_s.Mean() == Exactly(1));
  CHECK(*figures.tpot_s.Mean() == Exactly(1.0 / 40));
  CHECK(*figures.output_throughput.Mean() == Exactly(40));
  CHECK(*figures.request_tokens_per_second.Mean() == Exactly(41));
}

TEST_CASE("A stream without text ends with its end and has no first token", "[metrics][sweep]") {
  // Nothing but a finish reason.
  RequestRecord silent = Make({.ended = 300ms, .output_tokens = 0});
  silent.finish_reason = "stop";
  const SweepLevelMetrics level = Measure({silent, Streamed({})});
  CHECK(level.successful == 2);
  CHECK(level.request.e2e_s.n() == 2);
  CHECK(*level.request.e2e_s.Min() == Exactly(0.3));
  CHECK(level.request.ttft_s.n() == 1);
  CHECK(level.request.tpot_s.n() == 1);
  CHECK(level.request.output_throughput.n() == 1);
  CHECK(level.request.request_tokens_per_second.n() == 1);
  CHECK(*level.request.output_tokens.Min() == 0);
  CHECK(*level.run.combined_throughput.Mean() == Exactly(20));
  CHECK(level.extras.finish_reasons == std::map<std::string, int64_t>{{"stop", 1}});
}

TEST_CASE("One token has no time per output token, and tokens in one piece have none either",
          "[metrics][sweep]") {
  const SweepLevelMetrics level = Measure({Make({.arrivals = {{.at = 100ms}}, .ended = 110ms}),
                                           Make({.arrivals = {{.at = 100ms, .tokens = 8}}, .ended = 110ms})});
  CHECK(level.request.ttft_s.n() == 2);
  CHECK(level.request.decode_time_s.n() == 2);
  CHECK(*level.request.decode_time_s.Max() == 0);
  CHECK(level.request.tpot_s.empty());
  CHECK(level.request.output_throughput.empty());
  CHECK(level.run.combined_throughput.empty());
  CHECK(*level.run.tokens_per_second.Mean() == Exactly(9 / 0.11));
}

TEST_CASE("Without usage the counted events stand in and their source is told", "[metrics][sweep]") {
  RequestRecord record = Streamed({});
  record.output_tokens.source = TokenCountSource::kEvents;
  record.input_tokens = {96, TokenCountSource::kTokenizer};
  const SweepLevelMetrics level = Measure({record});
  CHECK(*level.request.output_tokens.Mean() == 5);
  CHECK(*level.request.input_tokens.Mean() == 96);
  CHECK(*level.request.tpot_s.Mean() == Exactly(0.05));
  REQUIRE(level.all.output_token_sources.size() == 1);
  CHECK(level.all.output_token_sources[0].source == TokenCountSource::kEvents);
  CHECK(level.all.input_token_sources[0].source == TokenCountSource::kTokenizer);
}

TEST_CASE("A prompt that nobody counted has no input tokens", "[metrics][sweep]") {
  RequestRecord record = Streamed({});
  record.input_tokens = {0, TokenCountSource::kEstimated};
  record.target_input_tokens = 100;
  const SweepLevelMetrics level = Measure({record});
  CHECK(level.request.input_tokens.empty());
  CHECK(level.request.input_throughput.empty());
  CHECK(level.input_lengths.requests == 0);
}

TEST_CASE("Several completions share the tokens of a request", "[metrics][sweep]") {
  // Two completions, 20 tokens: ten each, nine behind the first, in 0.2 s.
  RequestRecord record = Streamed({});
  record.output_tokens.tokens = 20;
  const RequestFigures figures = Measure({record}, {.num_completions = 2}).request;
  CHECK(*figures.output_tokens.Mean() == 20);
  CHECK(*figures.tpot_s.Mean() == Exactly(0.2 / 9));
  CHECK(*figures.output_throughput.Mean() == Exactly(9 / 0.2));
  CHECK(*figures.request_tokens_per_second.Mean() == Exactly(20 / 0.41));
  // One token each: nothing was decoded behind a first one.
  record.output_tokens.tokens = 2;
  CHECK(Measure({record}, {.num_completions = 2}).request.tpot_s.empty());
}

TEST_CASE("Reasoning ends the wait for the first token, not that for the first output", "[metrics][sweep]") {
  RequestRecord record = Streamed({});
  record.first_content_at = kStart + 350ms;
  record.reasoning_tokens = 3;
  RequestRecord only_reasoning = Streamed({});
  only_reasoning.first_content_at.reset();
  const SweepLevelMetrics level = Measure({record, only_reasoning});
  CHECK(*level.request.ttft_s.Mean() == Exactly(0.2));
  CHECK(level.request.ttfo_s.n() == 1);
  CHECK(*level.request.ttfo_s.Mean() == Exactly(0.35));
  // Reasoning tokens are part of the output tokens and are not counted again.
  CHECK(*level.request.output_tokens.Mean() == 5);
  CHECK(level.extras.reasoning_tokens->values.n() == 1);
  CHECK(level.extras.reasoning_tokens->total == 3);
}

TEST_CASE("Usage extras are summed over the successes that have them", "[metrics][sweep]") {
  RequestRecord first = Streamed({});
  first.cached_input_tokens = 64;
  first.reported_cost = 0.002;
  first.finish_reason = "length";
  first.provider = "alpha";
  RequestRecord second = first;
  second.cached_input_tokens = 0;
  second.reported_cost = 0.001;
  RequestRecord third = Streamed({});
  third.finish_reason = "stop";
  third.provider = "beta";
  RequestRecord failed = Broken(0ms, 5ms);
  failed.provider = "gamma";
  const UsageExtras extras = Measure({first, second, third, failed}).extras;
  CHECK_FALSE(extras.reasoning_tokens);
  REQUIRE(extras.cached_tokens);
  CHECK(extras.cached_tokens->total == 64);
  CHECK(extras.cached_tokens->values.n() == 2);  // 0 is what it reported: a value
  CHECK(*extras.cache_hit_rate == Exactly(64.0 / 200));
  CHECK(extras.cost->total == Exactly(0.003));
  CHECK(*extras.cost->values.Mean() == Exactly(0.0015));
  CHECK(extras.finish_reasons == std::map<std::string, int64_t>{{"length", 2}, {"stop", 1}});
  CHECK(extras.providers == std::map<std::string, int64_t>{{"alpha", 2}, {"beta", 1}});
}

TEST_CASE("Each adapter has its own figures, and so has the base model", "[metrics][sweep]") {
  RequestRecord fast = Streamed({.ttft = 100ms});
  fast.model = "base:one";
  RequestRecord slow = Streamed({.ttft = 300ms});
  slow.model = "base:two";
  RequestRecord broken = Broken(0ms, 5ms);
  broken.model = "base:two";
  const SweepLevelMetrics level = Measure({fast, slow, broken, Streamed({})}, {.base_model = "base"});
  REQUIRE(level.adapters.size() == 3);
  const AdapterFigures& two = level.adapters.at("base:two");
  CHECK(two.requests == 2);
  CHECK(two.successful == 1);
  CHECK(two.output_tokens == 5);
  CHECK(*two.ttft_s.Mean() == Exactly(0.3));
  CHECK(*two.e2e_s.Mean() == Exactly(0.5));
  CHECK(*two.tpot_s.Mean() == Exactly(0.05));
  CHECK(*two.output_throughput.Mean() == Exactly(20));
  CHECK(*level.adapters.at("base:one").ttft_s.Mean() == Exactly(0.1));
  CHECK(level.adapters.at("base").requests == 1);
  // Those of the level are of all of them.
  CHECK(level.request.ttft_s.n() == 3);
}

TEST_CASE("Without adapters there are no figures by adapter", "[metrics][sweep]") {
  CHECK(Measure({Streamed({})}, {.base_model = "base"}).adapters.empty());
  RequestRecord record = Streamed({});
  record.model = "base:one";
  CHECK(Measure({record}, {.base_model = "base"}).adapters.size() == 1);  // nothing went to the base model
}

TEST_CASE("Answers of another length than asked for are counted", "[metrics][sweep]") {
  const auto with = [](int64_t asked, int64_t got) {
    RequestRecord record = Streamed({});
    record.requested_output_tokens = asked;
    record.output_tokens.tokens = got;
    return record;
  };
  RequestRecord uncounted = with(5, 5);
  uncounted.output_tokens.source = TokenCountSource::kEvents;
  const std::vector<RequestRecord> records = {with(5, 5),  with(6, 5), with(5, 6),
                                              with(10, 5), uncounted,  Broken(0ms, 5ms)};
  const SweepLevelMetrics level = Measure(records, {.expects_exact_output = true});
  REQUIRE(level.output_lengths);
  CHECK(level.output_lengths->requests == 4);
  CHECK(level.output_lengths->shorter == 2);
  CHECK(level.output_lengths->longer == 1);
  CHECK(level.output_lengths->not_reported == 1);
  CHECK_FALSE(Measure(records).output_lengths);
  // Two completions of five tokens each were to have ten.
  const auto two =
      Measure({with(5, 10), with(5, 5)}, {.num_completions = 2, .expects_exact_output = true}).output_lengths;
  CHECK(two->requests == 2);
  CHECK(two->shorter == 1);
}

TEST_CASE("Prompts are compared with the lengths that they were meant to have", "[metrics][sweep]") {
  const auto with = [](std::optional<int64_t> target, int64_t actual) {
    RequestRecord record = Streamed({});
    record.target_input_tokens = target;
    record.input_tokens.tokens = actual;
    return record;
  };
  const InputLengthCheck check =
      Measure({with(100, 100), with(100, 102), with(100, 97), with(1000, 1030), with(10, 11), with({}, 50)})
          .input_lengths;
  CHECK(check.requests == 5);
  CHECK(check.target_tokens == 1310);
  CHECK(check.actual_tokens == 1340);
  CHECK(*check.mean_extra == Exactly(6));
  // 0, 2, -3, 3 and 10 %; the last by a single token.
  CHECK(*check.deviation_percent.Mean() == Exactly(12.0 / 5));
  CHECK(*check.deviation_percent.Min() == Exactly(-3));
  CHECK(check.off_by_2_percent == 2);
}

TEST_CASE("A template that adds the same to every prompt shows in the mean extra", "[metrics][sweep]") {
  std::vector<RequestRecord> records;
  for (int64_t target : {100, 200, 400}) {
    records.push_back(Streamed({}));
    records.back().target_input_tokens = target;
    records.back().input_tokens.tokens = target + 12;
  }
  CHECK(*Measure(records).input_lengths.mean_extra == Exactly(12));
}

TEST_CASE("Ranking and embeddings have items per second and no output tokens", "[metrics][sweep]") {
  RequestRecord record = Make({.ended = 500ms, .output_tokens = 0, .input_tokens = 800});
  record.streamed = false;
  record.items = 16;
  const SweepLevelMetrics level = Measure({record, record});
  CHECK(*level.run.items_per_second.Mean() == Exactly(64));
  CHECK(*level.run.items.Mean() == 32);
  CHECK(*level.run.input_tokens.Mean() == 1600);
  CHECK(*level.request.items_per_second.Mean() == Exactly(32));
  CHECK(*level.request.input_tokens_per_second.Mean() == Exactly(1600));
  CHECK(*level.run.total_tokens_per_second.Mean() == Exactly(3200));
  CHECK(level.run.tokens_per_second.empty());
  CHECK(level.request.output_tokens.empty());
  CHECK(level.request.request_tokens_per_second.empty());
  CHECK(*level.request.e2e_s.Mean() == Exactly(0.5));
  CHECK(*level.request.input_tokens.Mean() == 800);
}

TEST_CASE("Warm-up requests are in no figure of a level", "[metrics][sweep]") {
  RequestRecord warm_up = Streamed({.ttft = 5s});
  warm_up.phase = RunPhase::kWarmUp;
  const SweepLevelMetrics level = Measure({warm_up, Streamed({})});
  CHECK(level.requests == 1);
  CHECK(level.runs == 1);
  CHECK(*level.request.ttft_s.Mean() == Exactly(0.2));
}

TEST_CASE("A run that an interrupt cut has cancelled requests among its failures", "[metrics][sweep]") {
  const SweepLevelMetrics level =
      Measure({Streamed({}), Make({.arrivals = {{.at = 300ms}},
                                   .ended = 450ms,
                                   .outcome = Failed(OutcomeClass::kCancelled, 200)})});
  CHECK(level.successful == 1);
  CHECK(level.failed == 1);
  REQUIRE(level.all.failures.size() == 1);
  CHECK(level.all.failures[0].cls == OutcomeClass::kCancelled);
  CHECK(*level.run.batch_total_s.Mean() == Exactly(0.45));
  CHECK(*level.run.tokens_per_second.Mean() == Exactly(5 / 0.45));
}

TEST_CASE("Each run has a steady state of its own, and the last one's buckets are kept", "[metrics][sweep]") {
  // 400 ms of decoding at 20 tokens/s and at 10 tokens/s: first text to end, in whole buckets.
  const SweepLevelMetrics level = Measure({Streamed({.ttft = 100ms, .gap = 85ms}),
                                           Streamed({.sent = 10s, .ttft = 100ms, .gap = 185ms, .run = 1})});
  REQUIRE(level.run.steady_tokens_per_second.n() == 2);
  // Active from 100 ms to 100 + 4 * 85 + 10 = 450 ms; and to 850 ms.
  CHECK(*level.run.steady_tokens_per_second.Max() == Exactly(5 / 0.35));
  CHECK(*level.run.steady_tokens_per_second.Min() == Exactly(5 / 0.75));
  CHECK(level.run.steady_median_tokens_per_second.n() == 2);
  REQUIRE(level.last_run);
  CHECK(level.last_run->tokens.size() == 17);
  CHECK(*level.last_run->window_tokens_per_second == Exactly(5 / 0.75));
}

TEST_CASE("The threshold of the steady state can be set", "[metrics][sweep]") {
  const std::vector<RequestRecord> records = {Streamed({.gap = 100ms}), Streamed({})};
  const SweepLevelMetrics low = Measure(records, {.steady = {.threshold = 0.3}});
  const SweepLevelMetrics high = Measure(records, {.steady = {.threshold = 1}});
  CHECK(*low.last_run->window > *high.last_run->window);
}

TEST_CASE("The metrics of a level can be asked for between its runs", "[metrics][sweep]") {
  SweepMetricsBuilder builder;
  builder.OnRecord(Streamed({}));
  CHECK(builder.Build().run.steady_tokens_per_second.n() == 1);
  builder.EndRun();
  builder.EndRun();  // of no run at hand
  CHECK(builder.Build().run.steady_tokens_per_second.n() == 1);
  CHECK(builder.Build().last_run);
  builder.OnRecord(Streamed({.sent = 1s, .run = 1}));
  const SweepLevelMetrics level = builder.Build();
  CHECK(level.runs == 2);
  CHECK(level.run.steady_tokens_per_second.n() == 2);
  CHECK(builder.Build().request.ttft_s.n() == 2);
}

TEST_CASE("Pictures that were sent are counted", "[metrics][sweep]") {
  RequestRecord record = Streamed({});
  record.images = 2;
  CHECK(Measure({record, record}).images == 4);
}
