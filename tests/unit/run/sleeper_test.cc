#include "run/sleeper.h"

#include <thread>

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

TEST_CASE("A sleeper that was woken before does not sleep", "[sleeper]") {
  Sleeper sleeper;
  sleeper.Wake();
  sleeper.Wake();
  sleeper.SleepUntil(kEndOfTime);
  // Both were one wake-up: now only the clock ends the sleep.
  const TimePoint until = SystemClock().Now() + 2ms;
  sleeper.SleepUntil(until);
  CHECK(SystemClock().Now() >= until);
}

TEST_CASE("Another thread wakes a sleeper without a deadline", "[sleeper]") {
  Sleeper sleeper;
  int news = 0;
  std::thread other([&] {
    news = 1;
    sleeper.Wake();
  });
  sleeper.SleepUntil(kEndOfTime);
  CHECK(news == 1);
  other.join();
}

TEST_CASE("A sleep until an instant that is past ends at once", "[sleeper]") {
  Sleeper sleeper;
  sleeper.SleepUntil(SystemClock().Now() - 1s);
  sleeper.Wake();
  sleeper.SleepUntil(SystemClock().Now() + 1h);
}
