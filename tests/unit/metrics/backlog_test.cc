#include "llmdyno/metrics/backlog.h"

#include <algorithm>

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
