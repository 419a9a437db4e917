// Time, as every module speaks it.
//
// Measurements use the monotonic clock only: TimePoint. Wall-clock time (WallTime) exists for labels and file
// names. The two are different types, so they cannot be subtracted from one another by accident. Plain values
// and pure functions.
#pragma once

#include <chrono>
#include <cstdint>

namespace llmdyno {

// A span of time in nanoseconds, signed.
using Duration = std::chrono::nanoseconds;

// Tag for std::chrono: has no now(), because time is read from a Clock that is passed in.
struct MonotonicTimeline {
  using rep = int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicTimeline>;
  static constexpr bool is_steady = true;
};

// An instant of the monotonic clock, in nanoseconds since an arbitrary origin (boot, on Linux).
using TimePoint = std::chrono::time_point<MonotonicTimeline, Duration>;

// An instant of the calendar, in nanoseconds since 1970-01-01T00:00:00Z.
using WallTime = std::chrono::sys_time<Duration>;

// Later than any instant: "never", as a deadline.
inline constexpr TimePoint kEndOfTime = TimePoint::max();

// In seconds.
constexpr double ToSeconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }
// In milliseconds.
constexpr double ToMilliseconds(Duration d) { return static_cast<double>(d.count()) / 1e6; }
// In microseconds.
constexpr double ToMicroseconds(Duration d) { return static_cast<double>(d.count()) / 1e3; }
// Rounds to the nearest nanosecond. Values beyond the range of Duration (292 years) are clamped.
Duration FromSeconds(double seconds);

}  // namespace llmdyno
