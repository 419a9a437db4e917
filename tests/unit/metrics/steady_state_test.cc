#include "llmdyno/metrics/steady_state.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "llmdyno/base/random.h"
#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

std::optional<SteadyState> Measure(const std::vector<RequestRecord>& records,
                                   const SteadyStateConfig& config = {}) {
  SteadyStateMeter meter(config);
  for (const RequestRecord& record : records) meter.OnRecord(record);
  return meter.Build();
}

double Sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

void CheckSame(const SteadyState& a, const SteadyState& b) {
  REQUIRE(a.tokens.size() == b.tokens.size());
  for (size_t k = 0; k < a.tokens.size(); ++k) {
    CAPTURE(k);
    CHECK(a.tokens[k] == Approx(b.tokens[k]).margin(1e-12));
    CHECK(a.active[k] == Approx(b.active[k]).margin(1e-12));
  }
  CHECK(a.first_bucket == b.first_bucket);
  CHECK(a.last_bucket == b.last_bucket);
  CHECK(*a.window_tokens_per_second == Approx(*b.window_tokens_per_second).epsilon(1e-12));
  CHECK(*a.median_bucket_tokens_per_second == Approx(*b.median_bucket_tokens_per_second).epsilon(1e-12));
}

// Ten requests, 100 ms apart, each with a prefill of 400 ms and then 200 tokens at one every 10 ms.
std::vector<RequestRecord> Staggered() {
  std::vector<RequestRecord> records;
  for (int i = 0; i < 10; ++i) {
    RequestRecord record = Make({.sent = i * 100ms, .ended = i * 100ms + 400ms + 200 * 10ms});
    for (int token = 1; token <= 200; ++token) {
      record.arrivals.Append({.at = kStart + i * 100ms + 400ms + token * 10ms});
    }
    record.first_text_at = record.arrivals.first_at();
    record.last_text_at = record.arrivals.last_at();
    record.output_tokens.tokens = 200;
    record.request_id = i;
    records.push_back(record);
  }
  return records;
}

}  // namespace

TEST_CASE("The window of a steady state leaves out filling up and running dry", "[metrics][steady_state]") {
  const auto steady = Measure(Staggered());
  REQUIRE(steady);
  // First send 0, last end 900 + 400 + 2000 ms: 66 buckets.
  REQUIRE(steady->tokens.size() == 66);
  CHECK(Sum(steady->tokens) == Approx(2000).epsilon(1e-12));
  CHECK(steady->whole_tokens_per_second == Approx(2000 / 3.3).epsilon(1e-12));
  // All ten decode from 900 + 410 ms, when the last one has its first token, to 2400 ms, when the first ends.
  CHECK(steady->peak_active == 10);
  // Eight are active from 1110 ms on, so the bucket [1100, 1150) has 7 + 40/50 of them; and until 2600 ms.
  CHECK(steady->active[22] == Approx(7.8).epsilon(1e-12));
  CHECK(steady->first_bucket == 23);
  CHECK(steady->last_bucket == 51);
  CHECK(steady->window_start == 1150ms);
  CHECK(steady->window == 1450ms);
  // [1150, 2600) has between 8 and 10 requests with 100 tokens/s each.
  CHECK(*steady->window_tokens_per_second > 850);
  CHECK(*steady->window_tokens_per_second < 1000);
  CHECK(*steady->median_bucket_tokens_per_second == Approx(1000).epsilon(1e-12));
}

TEST_CASE("The steady state does not depend on whether the loop was open or closed",
          "[metrics][steady_state]") {
  const std::vector<RequestRecord> open = Staggered();
  std::vector<RequestRecord> closed = open;
  for (RequestRecord& record : closed) {
    // A closed loop has users, and its requests are due when they are sent.
    record.user_id = record.request_id;
    record.user_request = 1;
    record.scheduled_at = record.started_at;
  }
  std::vector<RequestRecord> late = open;
  for (RequestRecord& record : late) record.scheduled_at -= 70ms;
  CheckSame(*Measure(open), *Measure(closed));
  CheckSame(*Measure(open), *Measure(late));
}

TEST_CASE("A stall in the middle of the window stays in it as empty buckets", "[metrics][steady_state]") {
  // 1 s of tokens, 1 s of nothing, 1 s of tokens; one every 10 ms.
  RequestRecord record = Make({.ended = 3s});
  for (int token = 0; token <= 100; ++token) record.arrivals.Append({.at = kStart + token * 10ms});
  for (int token = 0; token <= 100; ++token) record.arrivals.Append({.at = kStart + 2s + token * 10ms});
  record.first_text_at = record.arrivals.first_at();
  record.output_tokens.tokens = 202;
  const auto steady = Measure({record});
  REQUIRE(steady);
  CHECK(steady->first_bucket == 0);
  CHECK(steady->last_bucket == 59);
  CHECK(steady->tokens[20] == 1);  // the one at 1 s
  for (size_t k = 21; k < 40; ++k) CHECK(steady->tokens[k] == 0);
  CHECK(*steady->window_tokens_per_second == Approx(202 / 3.0).epsilon(1e-12));
  // 40 of the 60 buckets have five tokens, one of them has six, because it holds the end of the run.
  CHECK(*steady->median_bucket_tokens_per_second == Approx(100).epsilon(1e-12));

  // Twice as long a stall is more than half of the buckets: the median shows it, too.
  RequestRecord stalled = Make({.arrivals = {{.at = 0ms}, {.at = 40ms}, {.at = 1s}}, .ended = 1s});
  const auto mostly = Measure({stalled});
  CHECK(*mostly->median_bucket_tokens_per_second == 0);
  CHECK(*mostly->window_tokens_per_second == Approx(3).epsilon(1e-12));
}

TEST_CASE("A chunk of several tokens weighs as many in its bucket", "[metrics][steady_state]") {
  const auto steady = Measure({Make(
      {.arrivals = {{.at = 10ms}, {.at = 60ms, .tokens = 4}, {.at = 110ms, .tokens = 2}}, .ended = 150ms})});
  CHECK(steady->tokens == std::vector<double>{1, 4, 2});
}

TEST_CASE("Buckets add up to the counted tokens, whatever the stream announced", "[metrics][steady_state]") {
  // Three events, but nine tokens by the usage: three each.
  const auto steady = Measure(
      {Make({.arrivals = {{.at = 10ms}, {.at = 60ms}, {.at = 110ms}}, .ended = 150ms, .output_tokens = 9})});
  CHECK(steady->tokens == std::vector<double>{3, 3, 3});
  CHECK(steady->whole_tokens_per_second == Approx(60).epsilon(1e-12));
}

TEST_CASE("A single request has a steady state from its first text to its end", "[metrics][steady_state]") {
  // Prefill 100 ms, ten tokens to 290 ms, the end at 300 ms.
  std::vector<RequestRecord> one = {Make({.ended = 300ms})};
  for (int token = 0; token < 10; ++token) {
    one[0].arrivals.Append({.at = kStart + 110ms + token * 20ms});
  }
  one[0].first_text_at = kStart + 110ms;
  one[0].output_tokens.tokens = 10;
  const auto steady = Measure(one);
  REQUIRE(steady);
  CHECK(steady->active == std::vector<double>{0, 0, 0.8, 1, 1, 1});
  CHECK(steady->first_bucket == 2);
  CHECK(steady->last_bucket == 5);
  CHECK(*steady->window_tokens_per_second == Approx(50).epsilon(1e-12));
}

TEST_CASE("The last bucket counts as far as it was used", "[metrics][steady_state]") {
  // 1.02 s: twenty buckets and 20 ms of another. 52 tokens, one every 20 ms, from the send on.
  RequestRecord record = Make({.ended = 1020ms});
  for (int token = 0; token < 52; ++token) record.arrivals.Append({.at = kStart + token * 20ms});
  record.first_text_at = kStart;
  record.output_tokens.tokens = 52;
  const auto steady = Measure({record});
  REQUIRE(steady->tokens.size() == 21);
  CHECK(steady->active.back() == 1);
  CHECK(steady->window == 1020ms);
  CHECK(*steady->window_tokens_per_second == Approx(52 / 1.02).epsilon(1e-12));
  CHECK(steady->whole_tokens_per_second == Approx(52 / 1.02).epsilon(1e-12));
  // Whole buckets have 3, 2, 3, 2, … tokens; the last sliver is in no median.
  CHECK(*steady->median_bucket_tokens_per_second == Approx(50).epsilon(1e-12));
}

TEST_CASE("Of answers that were not streamed only the rate of the whole is known",
          "[metrics][steady_state]") {
  RequestRecord record = Make({.arrivals = {{.at = 900ms, .tokens = 80}}, .ended = 1s});
  record.streamed = false;
  const auto steady = Measure({record});
  REQUIRE(steady);
  CHECK(steady->whole_tokens_per_second == 80);
  CHECK(steady->tokens.back() == 80);
  CHECK(steady->peak_active == 0);
  CHECK_FALSE(steady->first_bucket);
  CHECK_FALSE(steady->window);
  CHECK_FALSE(steady->window_tokens_per_second);
  CHECK_FALSE(steady->median_bucket_tokens_per_second);
}

TEST_CASE("Warm-ups and failures are in no steady state", "[metrics][steady_state]") {
  CHECK_FALSE(Measure({}));
  CHECK_FALSE(Measure({Make({.ended = 1s, .outcome = Failed(OutcomeClass::kTotalTimeout)})}));
  RequestRecord warm_up = MakeSteady(0s, 10, 10ms);
  warm_up.phase = RunPhase::kWarmUp;
  CHECK_FALSE(Measure({warm_up}));
  CHECK_FALSE(Measure({Make({.ended = 0s})}));  // no time passed

  // A request that hangs to its timeout does not stretch the time either.
  const auto steady = Measure(
      {MakeSteady(0s, 10, 10ms), Make({.ended = 3000s, .outcome = Failed(OutcomeClass::kTotalTimeout)})});
  CHECK(steady->tokens.size() == 2);
}

TEST_CASE("The threshold decides how full the window is", "[metrics][steady_state]") {
  const auto half = Measure(Staggered(), {.threshold = 0.5});
  const auto full = Measure(Staggered(), {.threshold = 1});
  // The fifth has its first token at 810 ms; all ten have from 1310 to 2400 ms.
  CHECK(half->window_start == 850ms);
  CHECK(full->window_start == 1350ms);
  CHECK(full->window == 1050ms);
  CHECK(*full->window_tokens_per_second == Approx(1000).epsilon(1e-12));
}

TEST_CASE("The order in which requests ended does not matter, nor do instants before the first record",
          "[metrics][steady_state]") {
  std::vector<RequestRecord> records = Staggered();
  const auto in_order = Measure(records);
  std::reverse(records.begin(), records.end());
  CheckSame(*in_order, *Measure(records));
}

TEST_CASE("Beyond its memory limit a meter puts arrivals into buckets and says the same",
          "[metrics][steady_state]") {
  CheckSame(*Measure(Staggered()), *Measure(Staggered(), {.max_kept_bytes = 0}));
  // The earliest send is known last, and lies between two edges of the buckets so far: it moves them by whole
  // buckets, and what is before it is no time of the run.
  std::vector<RequestRecord> records = Staggered();
  records.push_back(MakeSteady(-130ms, 10, 10ms));
  const auto steady = Measure(records, {.max_kept_bytes = 0});
  REQUIRE(steady->tokens.size() == 69);
  CHECK(Sum(steady->tokens) == Approx(2010).epsilon(1e-12));
  CHECK(steady->whole_tokens_per_second == Approx(2010 / 3.43).epsilon(1e-12));
  CHECK(steady->window_start == 1280ms);
  CHECK(*steady->window_tokens_per_second ==
        Approx(*Measure(Staggered())->window_tokens_per_second).epsilon(1e-12));
}

TEST_CASE("The buckets of random runs are those of a count token by token", "[metrics][steady_state]") {
  Rng rng(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<RequestRecord> records;
    std::vector<double> tokens(1000);
    std::vector<double> active(1000);
    Duration first_send = 1h;
    Duration last_end{};
    for (int i = 0; i < 12; ++i) {
      const Duration sent = rng.UniformInt(0, 2'000) * 1ms;
      Duration at = sent + rng.UniformInt(1, 300) * 1ms;
      RequestRecord record = Make({.sent = sent});
      record.first_text_at = kStart + at;
      for (int64_t arrival = rng.UniformInt(1, 40); arrival > 0; --arrival) {
        record.arrivals.Append(
            {.at = kStart + at, .events = 1, .tokens = static_cast<uint32_t>(rng.UniformInt(1, 4))});
        at += rng.UniformInt(0, 90) * 1ms;
      }
      record.ended_at = kStart + at + 1ms;
      record.output_tokens.tokens = 2 * record.arrivals.total_tokens();
      first_send = std::min(first_send, sent);
      last_end = std::max(last_end, at + 1ms);
      records.push_back(record);
    }
    for (const RequestRecord& record : records) {
      for (const Arrival& arrival : record.arrivals) {
        tokens[static_cast<size_t>((arrival.at - kStart - first_send) / 50ms)] += 2.0 * arrival.tokens;
      }
      for (TimePoint at = *record.first_text_at; at < record.ended_at; at += 1ms) {
        active[static_cast<size_t>((at - kStart - first_send) / 50ms)] += 1.0;
      }
    }
    const auto steady = Measure(records);
    REQUIRE(steady);
    const auto count = static_cast<size_t>((last_end - first_send + 49ms) / 50ms);
    REQUIRE(steady->tokens.size() == count);
    for (size_t k = 0; k < count; ++k) {
      CAPTURE(round, k);
      CHECK(steady->tokens[k] == Approx(tokens[k]).margin(1e-9));
      const Duration used = std::min<Duration>(50ms, last_end - first_send - static_cast<int64_t>(k) * 50ms);
      CHECK(steady->active[k] == Approx(active[k] * 1e-3 / ToSeconds(used)).margin(1e-9));
    }
  }
}

TEST_CASE("A run of more than a day is cut in the steady state", "[metrics][steady_state]") {
  const auto steady = Measure({MakeSteady(0s, 10, 10ms), MakeSteady(30h, 10, 10ms)});
  REQUIRE(steady);
  CHECK(steady->tokens.size() == 1'728'000);
  CHECK(Sum(steady->tokens) == 10);
}

TEST_CASE("Settings of the steady state that make no sense are refused", "[metrics][steady_state]") {
  CHECK(SteadyStateConfig().Validate().ok());
  CHECK_FALSE(SteadyStateConfig{.bucket = 0ms}.Validate().ok());
  CHECK_FALSE(SteadyStateConfig{.threshold = 0}.Validate().ok());
  CHECK_FALSE(SteadyStateConfig{.threshold = 1.1}.Validate().ok());
  CHECK_FALSE(SteadyStateConfig{.threshold = std::nan("")}.Validate().ok());
  CHECK_FALSE(SteadyStateConfig{.max_kept_bytes = -1}.Validate().ok());
}
