// How far latencies from the send and latencies from the schedule are apart: the warning that the usual ones
// do not tell what users saw. Reports call it. A pure function.
#pragma once

#include <optional>
#include <string_view>

#include "llmdyno/metrics/serving_metrics.h"

namespace llmdyno {

// Of one latency at one percentile.
struct ScheduleGap {
  // Where a warning begins: from the schedule it is 5 % longer than from the send, and by a millisecond at
  // least. Every client takes some microseconds.
  static constexpr double kNotable = 0.05;
  static constexpr double kNotableMs = 1;

  std::string_view latency;  // "TTFT" or "E2E"
  double percentile = 50;    // 50 or 99
  double from_send_ms = 0;
  double from_schedule_ms = 0;
  double share = 0;  // from_schedule / from_send - 1

  bool is_notable() const { return share > kNotable && from_schedule_ms - from_send_ms >= kNotableMs; }
};

// The largest share of four, one that is notable before others: p50 and p99 of TTFT and of E2E. Nothing when
// no request succeeded.
std::optional<ScheduleGap> LargestScheduleGap(const ServingMetrics& metrics);

}  // namespace llmdyno
