// Adding a configured span to an instant without running off the end of time.
#pragma once

#include "llmdyno/base/time.h"

namespace llmdyno {

// `at` plus `span`, or kEndOfTime when that is further away than time goes. Needs span >= 0.
constexpr TimePoint Later(TimePoint at, Duration span) {
  return at > kEndOfTime - span ? kEndOfTime : at + span;
}

}  // namespace llmdyno
