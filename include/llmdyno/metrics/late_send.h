// Which requests left too late to be the load that was asked for. Metrics count by it. A pure function.
#pragma once

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

inline constexpr Duration kLateSendAfter = std::chrono::milliseconds(10);

// Sent more than kLateSendAfter after its scheduled instant: in an open loop the schedule's, in a closed one
// the completion (and pause) that allowed it. The first request of each of a closed loop's users may be one
// of hundreds that are due at the same instant, and they leave one after the other: it is late only when it
// lost more than a tenth of its own time to that as well.
bool IsSentLate(const RequestRecord& record);

}  // namespace llmdyno
