#include "llmdyno/report/rolling_rate.h"

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{std::chrono::hours(1)};

}  // namespace

TEST_CASE("A rate needs two instants", "[report][rolling_rate]") {
  RollingRate rate;
  CHECK_FALSE(rate.PerSecond());
  rate.Add(kStart, 0);
  CHECK_FALSE(rate.PerSecond());
  rate.Add(kStart + 50ms, 5);
  CHECK(*rate.PerSecond() == Approx(100));
}

TEST_CASE("A young run has its average", "[report][rolling_rate]") {
  RollingRate rate;
  for (int i = 0; i <= 40; ++i) rate.Add(kStart + i * 100ms, i * 30);
  CHECK(*rate.PerSecond() == Approx(300));
}

TEST_CASE("The rate forgets what is older than the window", "[report][rolling_rate]") {
  // 1000/s for 30 s, then 100/s for 10 s.
  RollingRate rate;
  for (int i = 0; i <= 300; ++i) rate.Add(kStart + i * 100ms, i * 100);
  CHECK(*rate.PerSecond() == Approx(1000));
  for (int i = 1; i <= 100; ++i) rate.Add(kStart + 30s + i * 100ms, 30'000 + i * 10);
  CHECK(*rate.PerSecond() == Approx(100));
}

TEST_CASE("Asking every millisecond or every five seconds gives the same rate", "[report][rolling_rate]") {
  RollingRate often;
  RollingRate seldom;
  for (int i = 0; i <= 20'000; ++i) often.Add(kStart + i * 1ms, i / 2);
  for (int i = 0; i <= 4; ++i) seldom.Add(kStart + i * 5s, i * 2500);
  CHECK(*often.PerSecond() == Approx(500).epsilon(0.01));
  CHECK(*seldom.PerSecond() == Approx(500));
}
