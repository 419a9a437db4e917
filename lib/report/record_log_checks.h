// What readers of a record log ask of it before they compute anything.
#pragma once

#include <string>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

// A damaged log may hold any number. Sums and differences are safe for everything within ten years of the
// first request and 10^12 tokens, and nothing honest is beyond.
bool IsNear(TimePoint at, TimePoint reference);
bool IsPlausible(const RequestRecord& record, TimePoint reference);

// Whether the configuration of a log, an object, says that the endpoint was llmdyno's own.
bool SaysSimulated(const std::string& configuration_json);

}  // namespace llmdyno
