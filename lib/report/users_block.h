// How the requests of a closed loop were spread over its users.
#pragma once

#include <string>

#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// A line on all users, and as much on each as there is room for: an entry, a count, or nothing. Empty when
// there were no users.
std::string FormatUsersBlock(const RunMetrics& metrics);

}  // namespace llmdyno
