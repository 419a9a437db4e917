#include "llmdyno/base/time.h"

#include <algorithm>
#include <cmath>

namespace llmdyno {

Duration FromSeconds(double seconds) {
  constexpr double kLimit = 9.2e18;
  const double nanoseconds = std::clamp(seconds * 1e9, -kLimit, kLimit);
  return Duration(std::llround(nanoseconds));
}

}  // namespace llmdyno
