// How far a run has come, for whoever shows it. A plain value.
#pragma once

#include <cstdint>
#include <functional>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/load/stop_condition.h"

namespace llmdyno {

struct RunProgress {
  RunTotals totals;
  int64_t active_users = 0;
  int64_t in_flight = 0;
  bool draining = false;  // the finish line has been crossed
};

// Called on the loop thread; must not block for long: arrivals are stamped by the kernel, but sends are not.
using ProgressCallback = std::function<void(const RunProgress&)>;

}  // namespace llmdyno
