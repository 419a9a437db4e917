#include "llmdyno/base/time.h"

#include <limits>
#include <type_traits>

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

// Measurements and labels cannot be mixed up.
static_assert(!std::is_convertible_v<WallTime, TimePoint> && !std::is_convertible_v<TimePoint, WallTime>);

TEST_CASE("Seconds become durations, rounded to the nearest nanosecond", "[base][time]") {
  CHECK(FromSeconds(1.5) == 1500ms);
  CHECK(FromSeconds(-0.25) == -250ms);
  CHECK(FromSeconds(1.4e-9) == 1ns);
  CHECK(FromSeconds(1.6e-9) == 2ns);
  CHECK(FromSeconds(0) == 0ns);
}

TEST_CASE("Seconds beyond the range of a duration are clamped", "[base][time]") {
  CHECK(FromSeconds(1e300) > std::chrono::hours(24 * 365 * 290));
  CHECK(FromSeconds(std::numeric_limits<double>::infinity()) == FromSeconds(1e300));
  CHECK(FromSeconds(-1e300) < -std::chrono::hours(24 * 365 * 290));
}

TEST_CASE("Durations are read in the unit asked for", "[base][time]") {
  CHECK(ToSeconds(1500ms) == 1.5);
  CHECK(ToMilliseconds(1500us) == 1.5);
  CHECK(ToMicroseconds(1500ns) == 1.5);
}

}  // namespace
}  // namespace llmdyno
