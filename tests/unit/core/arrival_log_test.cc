#include "llmdyno/core/arrival_log.h"

#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

std::vector<Arrival> ReadBack(const ArrivalLog& log) { return {log.begin(), log.end()}; }

TEST_CASE("Any arrivals come back as they were appended", "[core][arrival_log]") {
  Rng rng(1);
  for (int round = 0; round < 200; ++round) {
    ArrivalLog log;
    std::vector<Arrival> arrivals;
    TimePoint at{std::chrono::hours(rng.UniformInt(0, 10'000))};
    int64_t tokens = 0;
    int64_t events = 0;
    for (int64_t i = rng.UniformInt(0, 300); i > 0; --i) {
      at += Duration(static_cast<int64_t>(rng.Next() >> rng.UniformInt(20, 63)));  // gaps of all magnitudes
      Arrival arrival{.at = at};
      if (rng.Chance(0.3)) arrival.events = static_cast<uint32_t>(rng.Next() >> rng.UniformInt(32, 63));
      if (rng.Chance(0.3)) arrival.tokens = static_cast<uint32_t>(rng.Next() >> rng.UniformInt(32, 63));
      arrival.upper_bound = rng.Chance(0.2);
      arrivals.push_back(arrival);
      log.Append(arrival);
      tokens += arrival.tokens;
      events += arrival.events;
    }
    REQUIRE(ReadBack(log) == arrivals);
    CHECK(log.size() == arrivals.size());
    CHECK(log.empty() == arrivals.empty());
    CHECK(log.total_tokens() == tokens);
    CHECK(log.total_events() == events);
    if (!arrivals.empty()) {
      CHECK(log.first_at() == arrivals.front().at);
      CHECK(log.last_at() == arrivals.back().at);
    }
  }
}

TEST_CASE("The tokens up to an instant are those of the arrivals at it and before", "[core][arrival_log]") {
  ArrivalLog log;
  CHECK(log.TokensUntil(TimePoint(5s)) == 0);
  log.Append({.at = TimePoint(1s), .tokens = 2});
  log.Append({.at = TimePoint(3s), .tokens = 0});
  log.Append({.at = TimePoint(3s), .tokens = 5});
  log.Append({.at = TimePoint(7s), .tokens = 1});
  CHECK(log.TokensUntil(TimePoint(999ms)) == 0);
  CHECK(log.TokensUntil(TimePoint(1s)) == 2);
  CHECK(log.TokensUntil(TimePoint(3s)) == 7);
  CHECK(log.TokensUntil(TimePoint(6s)) == 7);
  CHECK(log.TokensUntil(TimePoint(7s)) == 8);
  CHECK(log.TokensUntil(TimePoint(8s)) == 8);
}

TEST_CASE("A log knows whether its arrivals are single tokens and exact, until it is cleared",
          "[core][arrival_log]") {
  ArrivalLog log;
  CHECK((log.all_single() && log.all_exact()));
  log.Append({.at = TimePoint(1s)});
  CHECK((log.all_single() && log.all_exact()));
  log.Append({.at = TimePoint(2s), .tokens = 0});
  CHECK((!log.all_single() && log.all_exact()));
  log.Append({.at = TimePoint(2s), .events = 0, .upper_bound = true});
  log.Append({.at = TimePoint(2s), .tokens = 2});  // the sum of tokens is that of single ones again
  CHECK((!log.all_single() && !log.all_exact()));
  log.Clear();
  CHECK((log.all_single() && log.all_exact()));
}

TEST_CASE("An instant before the last one is stored as the last one", "[core][arrival_log]") {
  ArrivalLog log;
  log.Append({.at = TimePoint(5s)});
  log.Append({.at = TimePoint(4s), .tokens = 3});
  log.Append({.at = TimePoint(6s)});
  const auto arrivals = ReadBack(log);
  CHECK(arrivals[1].at == TimePoint(5s));
  CHECK(arrivals[1].tokens == 3);
  CHECK(arrivals[2].at == TimePoint(6s));
}

TEST_CASE("A gap that is too long for the log is cut and harms no other arrival", "[core][arrival_log]") {
  constexpr Duration kLongest((int64_t{1} << 62) - 1);
  ArrivalLog log;
  log.Append({.at = TimePoint::max(), .tokens = 2, .upper_bound = true});
  log.Append({.at = TimePoint::max()});
  const auto arrivals = ReadBack(log);
  REQUIRE(arrivals.size() == 2);
  CHECK(arrivals[0] == Arrival{.at = TimePoint(kLongest), .tokens = 2, .upper_bound = true});
  CHECK(arrivals[1] == Arrival{.at = TimePoint(2 * kLongest)});
  CHECK(log.last_at() == arrivals[1].at);
}

TEST_CASE("Of the events of one arrival only the last has a known instant, if any", "[core][arrival_log]") {
  ArrivalLog log;
  log.Append({.at = TimePoint(1s)});
  CHECK(log.upper_bounds() == 0);
  log.Append({.at = TimePoint(2s), .events = 4, .tokens = 4});
  CHECK(log.upper_bounds() == 3);
  log.Append({.at = TimePoint(3s), .upper_bound = true});
  CHECK(log.upper_bounds() == 4);
  log.Append({.at = TimePoint(4s), .events = 2, .tokens = 2, .upper_bound = true});
  CHECK(log.upper_bounds() == 6);
  log.Append({.at = TimePoint(5s), .events = 0, .tokens = 2});  // tokens that no event showed
  CHECK(log.upper_bounds() == 6);
}

TEST_CASE("A cleared log is empty and keeps its capacity", "[core][arrival_log]") {
  ArrivalLog log;
  for (int i = 0; i < 1000; ++i) log.Append({.at = TimePoint(i * 20ms), .events = 2});
  const size_t capacity = log.capacity_bytes();
  REQUIRE(capacity > 0);
  log.Clear();
  CHECK(log == ArrivalLog());
  CHECK(log.empty());
  CHECK(log.begin() == log.end());
  CHECK(log.total_tokens() == 0);
  CHECK(log.total_events() == 0);
  CHECK(log.upper_bounds() == 0);
  CHECK(log.capacity_bytes() == capacity);
  log.Append({.at = TimePoint(7s)});
  CHECK(ReadBack(log) == std::vector<Arrival>{{.at = TimePoint(7s)}});
}

TEST_CASE("Tokens 20 ms apart take at most five bytes each", "[core][arrival_log]") {
  ArrivalLog log;
  constexpr int kArrivals = 10'000;
  for (int i = 0; i < kArrivals; ++i) log.Append({.at = TimePoint(1000h + i * 20ms)});
  // The vector may have grown to twice what it holds, and the first gap counts from the clock's origin.
  CHECK(log.capacity_bytes() <= 2 * (5 * kArrivals + 10));
  ArrivalLog reserved = log;  // a copy has no spare capacity
  CHECK(reserved.capacity_bytes() <= 5 * kArrivals + 10);
}

TEST_CASE("Logs are equal when their arrivals are", "[core][arrival_log]") {
  ArrivalLog a;
  ArrivalLog b;
  a.Append({.at = TimePoint(1s)});
  CHECK_FALSE(a == b);
  b.Append({.at = TimePoint(1s)});
  CHECK(a == b);
  b.Append({.at = TimePoint(2s), .upper_bound = true});
  a.Append({.at = TimePoint(2s)});
  CHECK_FALSE(a == b);
}

}  // namespace
}  // namespace llmdyno
