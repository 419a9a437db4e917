// A clock that stands still until it is told to move: for tests, and for runs in virtual time.
#pragma once

#include <atomic>

#include "llmdyno/base/clock.h"

namespace llmdyno {

// One thread moves it; any may read it.
class SimulatedClock final : public Clock {
 public:
  // Begins at one hour of monotonic time, so that zero is never mistaken for an instant, and at this wall
  // time: 2025-01-01, so that tests are the same every day.
  explicit SimulatedClock(WallTime wall_origin = WallTime(std::chrono::seconds(1'735'689'600)))
      : wall_origin_(wall_origin) {}

  TimePoint Now() const override { return TimePoint(Duration(now_ns_.load(std::memory_order_relaxed))); }
  WallTime WallNow() const override { return wall_origin_ + (Now() - kOrigin); }
  // Moves forward by `duration`; a negative one is ignored.
  void Advance(Duration duration) { AdvanceTo(Now() + duration); }
  // Moves forward only; an earlier instant is ignored.
  void AdvanceTo(TimePoint at) {
    if (at > Now()) now_ns_.store(at.time_since_epoch().count(), std::memory_order_relaxed);
  }

 private:
  static constexpr TimePoint kOrigin = TimePoint(std::chrono::hours(1));
  const WallTime wall_origin_;
  std::atomic<int64_t> now_ns_ = kOrigin.time_since_epoch().count();
};

}  // namespace llmdyno
