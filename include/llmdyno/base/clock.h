// Where time comes from. Everything timed takes a Clock (or, better, a TimePoint now), so a test can say
// exactly when something happens. Run loops, transports and apps take one; a test passes a SimulatedClock.
#pragma once

#include "llmdyno/base/time.h"

namespace llmdyno {

// Reads time; never sleeps (the one blocking call of a run is Transport::Poll). Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // The instant now, never before one that was given out earlier; for everything that is measured.
  virtual TimePoint Now() const = 0;
  // The calendar's time now, which may jump; for labels, file names and mapping kernel stamps.
  virtual WallTime WallNow() const = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME. The object lives for the whole program.
const Clock& SystemClock();

}  // namespace llmdyno
