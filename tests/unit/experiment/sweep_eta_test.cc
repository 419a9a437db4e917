#include "llmdyno/experiment/sweep_eta.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

SweepConfig Bursts(const std::vector<int64_t>& sizes, int64_t runs, int64_t warm_ups = 0) {
  SweepConfig config{.levels = {}, .runs = runs, .warm_up_requests = warm_ups, .metrics = {}};
  for (const int64_t size : sizes) {
    config.levels.push_back({.key = std::to_string(size), .in_flight = size, .requests = size});
  }
  return config;
}

TEST_CASE("Before the first run has ended nobody knows the time left") {
  SweepEta eta(Bursts({1, 2}, 3, 3));
  REQUIRE_FALSE(eta.Left(0, -1));
  eta.OnRunEnded(0, -1, 2s);  // a warm-up
  REQUIRE_FALSE(eta.Left(0, 0));
  eta.OnRunEnded(0, 0, 10s);
  REQUIRE(eta.Left(0, 1));
}

TEST_CASE("The time left is that of the runs, the levels and the warm-ups to come") {
  SweepEta eta(Bursts({4, 4}, 3, 3));
  eta.OnRunEnded(0, -1, 1s);
  eta.OnRunEnded(0, 0, 10s);
  REQUIRE(eta.Left(0, 1) == 2 * 10s + 1s + 3 * 10s);
  eta.OnRunEnded(0, 1, 12s);  // 11 s in the mean
  REQUIRE(eta.Left(0, 2) == 11s + 1s + 3 * 11s);
  REQUIRE(eta.Left(1, -1) == 1s + 3 * 11s);
  REQUIRE(eta.Left(1, 0) == 3 * 11s);
}

TEST_CASE("The time left shrinks while a run is under way, and not below what follows it") {
  SweepEta eta(Bursts({4}, 3));
  eta.OnRunEnded(0, 0, 10s);
  REQUIRE(eta.Left(0, 1, 4s) == 16s);
  REQUIRE(eta.Left(0, 1, 10s) == 10s);
  REQUIRE(eta.Left(0, 1, 60s) == 10s);
  REQUIRE(eta.Left(0, 2, 60s) == 0s);
}

TEST_CASE("Levels to come are on the line through those that ran") {
  SweepEta eta(Bursts({1, 2, 4, 8}, 1));
  eta.OnRunEnded(0, 0, 10s);
  REQUIRE(eta.Left(1, 0) == 30s);  // one point: all as long
  eta.OnRunEnded(1, 0, 11s);
  REQUIRE(eta.Left(2, 0) == 13s + 17s);  // a second more for each further one in flight
  eta.OnRunEnded(2, 0, 15s);
  REQUIRE(eta.Left(3, 0) == 23s);  // 4 s from 2 to 4
}

TEST_CASE("A second level that was faster by chance makes no trend") {
  SweepEta eta(Bursts({1, 2, 1000}, 1));
  eta.OnRunEnded(0, 0, 10s);
  eta.OnRunEnded(1, 0, 9s);
  REQUIRE(eta.Left(2, 0) == 9s);
}

TEST_CASE("A sustained run takes as many rounds as its requests make") {
  SweepConfig config = Bursts({2, 2}, 1);
  config.levels[1].requests = 11;  // six rounds of two
  SweepEta eta(config);
  eta.OnRunEnded(0, 0, 3s);
  REQUIRE(eta.Left(1, 0) == 18s);
}

TEST_CASE("Levels whose requests are longer take longer") {
  SweepConfig config = Bursts({4, 4}, 1);
  config.levels[0].request_weight = 32;
  config.levels[1].request_weight = 256;
  SweepEta eta(config);
  eta.OnRunEnded(0, 0, 2s);
  REQUIRE(eta.Left(1, 0) == 16s);
}

TEST_CASE("A run with a duration takes it, and with its drain once that has been seen") {
  SweepConfig config = Bursts({1, 2}, 2);
  for (SweepLevel& level : config.levels) {
    level.requests.reset();
    level.duration = 60s;
  }
  SweepEta eta(config);
  eta.OnRunEnded(0, 0, 62s);
  REQUIRE(eta.Left(0, 1) == 62s + 2 * 60s);
}

}  // namespace
}  // namespace llmdyno
