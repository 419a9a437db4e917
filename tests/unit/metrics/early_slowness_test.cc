#include "llmdyno/metrics/early_slowness.h"

#include <cmath>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

// A request every 10 ms; delays around 50 ms with a long tail, whose neighbours correlate.
std::vector<AnswerDelay> Delays(Rng& rng, int64_t count, double correlation, double first_tenth_times = 1) {
  std::vector<AnswerDelay> delays;
  double state = 0;
  for (int64_t i = 0; i < count; ++i) {
    state = correlation * state + std::sqrt(1 - correlation * correlation) * rng.Normal(0, 1);
    const double times = i < count / 10 ? first_tenth_times : 1;
    delays.push_back({TimePoint(i * 10ms), 50 * std::exp(0.5 * state) * times});
  }
  return delays;
}

int Alarms(int64_t count, double correlation, double first_tenth_times = 1) {
  Rng rng = RandomStreams(5).Stream("delays");
  int alarms = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto early = FindEarlySlowness(Delays(rng, count, correlation, first_tenth_times));
    alarms += early->p_value <= 0.001 && early->ratio > 1.5 ? 1 : 0;
  }
  return alarms;
}

}  // namespace

TEST_CASE("A run that was warm from the beginning is not called cold", "[metrics][early_slowness]") {
  CHECK(Alarms(100, 0) <= 5);
  CHECK(Alarms(1000, 0) == 0);
  // Neighbours that share an engine's queue are alike.
  CHECK(Alarms(200, 0.8) <= 10);
  CHECK(Alarms(1000, 0.8) <= 5);
}

TEST_CASE("A first tenth that took two and a half times as long is found", "[metrics][early_slowness]") {
  CHECK(Alarms(200, 0, 2.5) > 950);
  CHECK(Alarms(1000, 0.5, 2.5) > 950);
}

TEST_CASE("The first tenth stands beside the second half, in the order of sends",
          "[metrics][early_slowness]") {
  std::vector<AnswerDelay> delays;
  // As records come: the slow ones last.
  for (int i = 20; i < 200; ++i) delays.push_back({TimePoint(i * 10ms), 40.0 + i % 7});
  for (int i = 0; i < 20; ++i) delays.push_back({TimePoint(i * 10ms), 120.0 + i % 5});
  const auto early = FindEarlySlowness(delays);
  REQUIRE(early);
  CHECK(early->first == 20);
  CHECK(early->later == 100);
  CHECK(early->first_ms == 122);
  CHECK(early->later_ms == 43);
  CHECK(early->ratio == Approx(122.0 / 43));
  CHECK(early->p_value < 1e-6);
}

TEST_CASE("A burst at the beginning says nothing about a warm-up", "[metrics][early_slowness]") {
  std::vector<AnswerDelay> delays;
  for (int i = 0; i < 100; ++i) delays.push_back({TimePoint(i * 10us), 500.0 + i});
  for (int i = 0; i < 100; ++i) delays.push_back({TimePoint(1s + i * 10ms), 50.0 + i % 7});
  CHECK_FALSE(FindEarlySlowness(delays));
}

TEST_CASE("A hundred requests are the least", "[metrics][early_slowness]") {
  Rng rng = RandomStreams(1).Stream("delays");
  CHECK_FALSE(FindEarlySlowness(Delays(rng, 99, 0)));
  CHECK(FindEarlySlowness(Delays(rng, 100, 0)));
}
