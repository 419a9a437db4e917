#include "llmdyno/base/clock.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("The system clock never goes back", "[base][clock]") {
  TimePoint last = SystemClock().Now();
  for (int i = 0; i < 1000; ++i) {
    const TimePoint now = SystemClock().Now();
    REQUIRE(now >= last);
    last = now;
  }
}

TEST_CASE("The system clock knows the calendar", "[base][clock]") {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(SystemClock().WallNow()));
  CHECK(today.year() >= std::chrono::year(2024));
  CHECK(today.year() < std::chrono::year(2200));
}

}  // namespace
}  // namespace llmdyno
