#include "llmdyno/base/clock.h"

#include <ctime>

namespace llmdyno {
namespace {

Duration Read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

class RealClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(Read(CLOCK_MONOTONIC)); }
  WallTime WallNow() const override { return WallTime(Read(CLOCK_REALTIME)); }
};

}  // namespace

const Clock& SystemClock() {
  static const RealClock clock;
  return clock;
}

}  // namespace llmdyno
