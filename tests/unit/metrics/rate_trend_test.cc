#include "llmdyno/metrics/rate_trend.h"

#include <cmath>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// A rate of 1000 with noise of this share, whose neighbours correlate, and a straight drift of this share.
std::vector<double> Rates(Rng& rng, int64_t count, double noise, double correlation, double drift = 0) {
  std::vector<double> rates;
  double state = rng.Normal(0, 1);
  for (int64_t i = 0; i < count; ++i) {
    state = correlation * state + std::sqrt(1 - correlation * correlation) * rng.Normal(0, 1);
    const double place = static_cast<double>(i) / static_cast<double>(count - 1) - 0.5;
    rates.push_back(1000 * (1 + noise * state) * (1 + drift * place));
  }
  return rates;
}

// How many of 2000 series the verdict's limits would call a trend.
int Alarms(int64_t count, double noise, double correlation, double drift = 0) {
  Rng rng = RandomStreams(7).Stream("trend");
  int alarms = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto trend = FindRateTrend(Rates(rng, count, noise, correlation, drift));
    alarms += trend->p_value <= 0.01 && std::abs(trend->change) > 0.05 ? 1 : 0;
  }
  return alarms;
}

}  // namespace

TEST_CASE("Stationary noise is called a trend no more often than the level says", "[metrics][rate_trend]") {
  for (const int64_t count : {30, 60, 200}) {
    for (const double noise : {0.03, 0.10, 0.30}) {
      CAPTURE(count, noise);
      // 1 % of 2000 is 20; three standard deviations above it are 33.
      CHECK(Alarms(count, noise, 0) <= 33);
      // Of 2 %, which a correlation of neighbours may make of it: 40 and three standard deviations.
      CHECK(Alarms(count, noise, 0.5) <= 59);
    }
  }
  // What strays slowly is hard to tell from a drift in a short run: up to three times the level, 60 of 2000,
  // and three standard deviations.
  CHECK(Alarms(30, 0.10, 0.9) <= 83);
  CHECK(Alarms(60, 0.10, 0.9) <= 83);
  CHECK(Alarms(200, 0.10, 0.9) <= 59);
}

TEST_CASE("A drift of ten per cent over thirty seconds or more is found", "[metrics][rate_trend]") {
  CHECK(Alarms(30, 0.02, 0, -0.10) > 1900);
  CHECK(Alarms(60, 0.03, 0, 0.10) > 1900);
  CHECK(Alarms(200, 0.03, 0.3, -0.10) > 1900);
}

TEST_CASE("A rate that fell once and for all is found", "[metrics][rate_trend]") {
  Rng rng = RandomStreams(3).Stream("step");
  int found = 0;
  for (int i = 0; i < 500; ++i) {
    std::vector<double> rates = Rates(rng, 60, 0.03, 0);
    for (size_t k = 30; k < rates.size(); ++k) rates[k] *= 0.85;
    const auto trend = FindRateTrend(rates);
    found += trend->p_value <= 0.01 && trend->change < -0.05 ? 1 : 0;
  }
  CHECK(found > 475);
}

TEST_CASE("The change is that from the first to the last third", "[metrics][rate_trend]") {
  std::vector<double> rates;
  for (int i = 0; i < 30; ++i) rates.push_back(i < 10 ? 100 : i < 20 ? 94 : 88);
  const auto trend = FindRateTrend(rates);
  REQUIRE(trend);
  CHECK(trend->change == Approx(-0.12));
  CHECK(trend->stretches == 30);
}

TEST_CASE("A rate that never varies has no trend", "[metrics][rate_trend]") {
  const auto trend = FindRateTrend(std::vector<double>(40, 250.0));
  REQUIRE(trend);
  CHECK(trend->change == 0);
  CHECK(trend->p_value == 1);
}

TEST_CASE("Half a minute is the least, and nothing at all has no trend", "[metrics][rate_trend]") {
  CHECK_FALSE(FindRateTrend(std::vector<double>(29, 250.0)));
  CHECK_FALSE(FindRateTrend(std::vector<double>(40, 0.0)));
  CHECK_FALSE(FindRateTrend({}));
}
