// A clock that stands still until it is told to move: for tests, and for runs in virtual time.
#pragma once

#include "llmdyno/base/clock.h"

namespace llmdyno {

class SimulatedClock final : public Clock {
 public:
  // Begins at one hour of monotonic time and 2025-01-01 of wall time, so that zero is never mistaken for an
  // instant.
  TimePoint Now() const override { return now_; }
  WallTime WallNow() const override {
    return WallTime(std::chrono::seconds(1'735'689'600)) + (now_ - kOrigin);
  }
  void Advance(Duration duration) { now_ += duration; }
  // Moves forward only; an earlier instant is ignored.
  void AdvanceTo(TimePoint at) {
    if (at > now_) now_ = at;
  }

 private:
  static constexpr TimePoint kOrigin = TimePoint(std::chrono::hours(1));
  TimePoint now_ = kOrigin;
};

}  // namespace llmdyno
