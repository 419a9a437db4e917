#include "llmdyno/metrics/backlog.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using std::chrono::milliseconds;

// `count` requests at `rate`, served one after the other by an endpoint that does `capacity` a second after a
// latency of its own.
BacklogMeter Offer(double rate, double capacity, Duration latency, int count) {
  BacklogMeter meter;
  TimePoint free_at;
  for (int i = 0; i < count; ++i) {
    RequestRecord record;
    record.scheduled_at = TimePoint(FromSeconds(i / rate));
    record.started_at = record.scheduled_at;
    free_at = std::max(free_at, record.scheduled_at) + FromSeconds(1 / capacity);
    record.ended_at = free_at + latency;
    meter.OnRecord(record);
  }
  return meter;
}

TEST_CASE("Below capacity no backlog grows") {
  const auto trend = Offer(10, 20, milliseconds(500), 600).Trend();
  REQUIRE(trend.has_value());
  REQUIRE(std::abs(trend->growth_share) < 0.005);
  REQUIRE(trend->latency_growth == 0);
  REQUIRE(trend->mean_in_flight > 4);
  REQUIRE(trend->mean_in_flight < 7);
}

TEST_CASE("Above capacity the backlog grows by what is too much") {
  const auto trend = Offer(21, 20, milliseconds(500), 1260).Trend();
  REQUIRE(trend->growth_per_second > 0.9);
  REQUIRE(trend->growth_per_second < 1.1);
  REQUIRE(trend->growth_share > 0.043);
  REQUIRE(trend->growth_share < 0.052);
  REQUIRE(trend->successes_per_second > 19.5);
  REQUIRE(trend->successes_per_second < 20.5);
  REQUIRE(trend->latency_growth > 0.048);
  REQUIRE(trend->latency_growth < 0.052);
}

TEST_CASE("The filling up at the beginning is not taken for a backlog") {
  // Latency of a quarter of the window: in flight rises for 5 s of 20 s.
  const auto trend = Offer(50, 1000, milliseconds(5000), 1000).Trend();
  REQUIRE(std::abs(trend->growth_share) < 0.005);
}

TEST_CASE("One per cent above capacity shows in latency although the count is hardly any larger") {
  const auto trend = Offer(20.2, 20, milliseconds(500), 404).Trend();
  REQUIRE(trend->latency_growth > 0.009);
  REQUIRE(trend->latency_growth < 0.011);
}

TEST_CASE("Latencies that scatter without rising are no growth") {
  BacklogMeter meter;
  Rng rng(7);
  for (int i = 0; i < 2000; ++i) {
    RequestRecord record;
    record.scheduled_at = TimePoint(milliseconds(20 * i));
    record.ended_at = record.scheduled_at + FromSeconds(rng.Exponential(0.8));
    meter.OnRecord(record);
  }
  REQUIRE(meter.Trend()->latency_growth == 0);
}

// What Offer's endpoint would be with one engine for all: each request slows the others down. `speed` tokens
// a second of one request alone, divided by 1 + in flight / `half_speed_at`; every request wants `tokens`.
BacklogMeter OfferShared(double rate, int count, double tokens, double speed, double half_speed_at) {
  struct Running {
    int index;
    double left;
  };
  BacklogMeter meter;
  std::vector<Running> running;
  int next = 0;
  constexpr double kStep = 0.001;
  for (double now = 0; next < count || !running.empty(); now += kStep) {
    for (; next < count && next / rate <= now; ++next) running.push_back({next, tokens});
    const double each = kStep * speed / (1 + static_cast<double>(running.size()) / half_speed_at);
    for (Running& request : running) {
      request.left -= each;
      if (request.left > 0) continue;
      RequestRecord record;
      record.scheduled_at = TimePoint(FromSeconds(request.index / rate));
      record.first_text_at = record.scheduled_at + milliseconds(20);
      record.ended_at = TimePoint(FromSeconds(now + kStep));
      meter.OnRecord(record);
    }
    std::erase_if(running, [](const Running& request) { return request.left <= 0; });
  }
  return meter;
}

// `count` requests at `rate` whose latencies are drawn from [mean - spread, mean + spread], whatever the
// load.
BacklogMeter OfferScattered(double rate, int count, double mean, double spread, uint64_t seed) {
  BacklogMeter meter;
  Rng rng(seed);
  for (int i = 0; i < count; ++i) {
    RequestRecord record;
    record.scheduled_at = TimePoint(FromSeconds(i / rate));
    record.ended_at = record.scheduled_at + FromSeconds(mean + spread * (2 * rng.UniformReal() - 1));
    meter.OnRecord(record);
  }
  return meter;
}

bool Says(const BacklogJudgement& judgement, std::string_view words) {
  return judgement.sentence.find(words) != std::string::npos;
}

TEST_CASE("Above capacity a queue is judged to have grown, below it is not") {
  const auto above = JudgeBacklog(*Offer(22, 18, milliseconds(900), 220).Trend());
  REQUIRE(above.queue_grew);
  REQUIRE_FALSE(above.too_short);
  // 22 / 18 - 1 = 0.222.
  REQUIRE(above.sentence == "a queue grew (answers came later by 222 ms in every second)");
  const auto below = JudgeBacklog(*Offer(16, 18, milliseconds(900), 160).Trend());
  REQUIRE_FALSE(below.queue_grew);
  REQUIRE_FALSE(below.too_short);
  REQUIRE(below.sentence.empty());
}

TEST_CASE("A window shorter than two latencies is called too short and no queue") {
  // 5 s of latency in a window of 6 s, far below capacity: in flight rises nearly to the end.
  for (const double rate : {5.0, 10.0}) {
    const auto judgement =
        JudgeBacklog(*Offer(rate, 1000, milliseconds(5000), static_cast<int>(6 * rate)).Trend());
    REQUIRE_FALSE(judgement.queue_grew);
    REQUIRE(judgement.too_short);
    REQUIRE(Says(judgement, "too short to tell whether a queue grew"));
    REQUIRE(Says(judgement, "less than twice the median latency of 5.0 s"));
  }
}

TEST_CASE("In a window that is too short a first token that comes later and later is a queue all the same") {
  BacklogMeter meter;
  for (int i = 0; i < 100; ++i) {
    RequestRecord record;
    record.scheduled_at = TimePoint(milliseconds(30 * i));
    record.first_text_at = record.scheduled_at + milliseconds(10 * i);  // a third of a second in each
    record.ended_at = record.scheduled_at + milliseconds(5000);
    meter.OnRecord(record);
  }
  const auto judgement = JudgeBacklog(*meter.Trend());
  REQUIRE(judgement.queue_grew);
  REQUIRE(judgement.sentence == "a queue grew (answers came later by 333 ms in every second)");
}

TEST_CASE("An engine that slows down with its load comes to rest, and that is no queue") {
  // Alone 100 tokens take 1 s; at 20/s 40 are in flight and take 2 s. Capacity is 40/s.
  for (const int seconds : {3, 6, 10, 20, 40}) {
    const auto trend = OfferShared(20, 20 * seconds, 100, 100, 40).Trend();
    INFO(seconds << " s: " << JudgeBacklog(*trend).sentence);
    REQUIRE_FALSE(JudgeBacklog(*trend).queue_grew);
  }
  // Close to its capacity that takes long.
  for (const int seconds : {10, 20, 40}) {
    REQUIRE_FALSE(JudgeBacklog(*OfferShared(34, 34 * seconds, 100, 100, 40).Trend()).queue_grew);
  }
  // At 44/s no number of requests in flight is enough.
  REQUIRE(JudgeBacklog(*OfferShared(44, 44 * 20, 100, 100, 40).Trend()).queue_grew);
}

TEST_CASE("Latencies that scatter make no queue out of few requests in flight") {
  // Ten in flight, three more or less: a line through them rises by 2 % of the load one time in ten.
  int grew = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto judgement = JudgeBacklog(*OfferScattered(5, 300, 2, 1.9, seed).Trend());
    if (judgement.queue_grew) ++grew;
  }
  REQUIRE(grew <= 3);
}

TEST_CASE("A stall at the end of a window is no queue") {
  BacklogMeter meter;
  const TimePoint stalled(milliseconds(9400));
  const TimePoint again(milliseconds(9900));
  for (int i = 0; i < 500; ++i) {
    RequestRecord record;
    record.scheduled_at = TimePoint(milliseconds(20 * i));
    record.ended_at = record.scheduled_at + milliseconds(100);
    if (record.ended_at > stalled) record.ended_at = std::max(record.ended_at, again);
    meter.OnRecord(record);
  }
  REQUIRE_FALSE(JudgeBacklog(*meter.Trend()).queue_grew);
}

TEST_CASE("Requests that never answer make a queue by their number alone") {
  BacklogMeter meter;
  for (int i = 0; i < 600; ++i) {
    RequestRecord record;
    record.scheduled_at = TimePoint(milliseconds(100 * i));
    record.ended_at = record.scheduled_at + milliseconds(500);
    if (i > 300 && i % 20 == 0) {
      record.ended_at = record.scheduled_at + std::chrono::seconds(60);
      record.outcome.cls = OutcomeClass::kTotalTimeout;
    }
    meter.OnRecord(record);
  }
  // One of twenty, at 10/s: half a request in every second.
  const auto judgement = JudgeBacklog(*meter.Trend());
  REQUIRE(judgement.queue_grew);
  REQUIRE(Says(judgement, "requests in every second, "));
}

TEST_CASE("Requests that come faster and faster are no backlog while they are answered in time") {
  BacklogMeter meter;
  for (int i = 0; i < 400; ++i) {
    RequestRecord record;
    record.scheduled_at = TimePoint(FromSeconds(std::sqrt(i)));  // 20 s, from few to 40 in a second
    record.ended_at = record.scheduled_at + milliseconds(2000);
    meter.OnRecord(record);
  }
  const auto trend = meter.Trend();
  REQUIRE(std::abs(trend->growth_share) < 0.005);
  REQUIRE_FALSE(JudgeBacklog(*trend).queue_grew);
}

TEST_CASE("A backlog that could be one request more or less is none") {
  BacklogTrend trend;
  trend.window = std::chrono::seconds(20);
  trend.growth_per_second = 0.1;
  trend.growth_share = 0.2;
  REQUIRE_FALSE(JudgeBacklog(trend).queue_grew);
  trend.growth_per_second = 0.3;
  REQUIRE(JudgeBacklog(trend).queue_grew);
  trend.growth_error = 0.1;
  REQUIRE_FALSE(JudgeBacklog(trend).queue_grew);
}

TEST_CASE("Few requests, or all at once, have no trend") {
  REQUIRE_FALSE(Offer(10, 20, milliseconds(1), 9).Trend().has_value());
  REQUIRE_FALSE(Offer(1e12, 20, milliseconds(1), 100).Trend().has_value());
  REQUIRE_FALSE(BacklogMeter().Trend().has_value());
}

TEST_CASE("Warm-up requests are no part of the backlog") {
  BacklogMeter meter;
  for (int i = 0; i < 100; ++i) {
    RequestRecord record;
    record.phase = RunPhase::kWarmUp;
    meter.OnRecord(record);
  }
  REQUIRE_FALSE(meter.Trend().has_value());
}

}  // namespace
}  // namespace llmdyno
