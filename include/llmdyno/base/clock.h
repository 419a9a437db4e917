// Where time comes from. Everything timed takes a Clock (or, better, a TimePoint now), so a test can say
// exactly when something happens.
#pragma once

#include "llmdyno/base/time.h"

namespace llmdyno {

// Reads time; never sleeps (the one blocking call of a run is Transport::Poll). Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
  virtual WallTime WallNow() const = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME. The object lives for the whole program.
const Clock& SystemClock();

}  // namespace llmdyno
