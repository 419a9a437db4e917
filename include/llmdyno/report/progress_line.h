// The line that shows a race while it runs. Apps print it again and again. A pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llmdyno/base/time.h"

namespace llmdyno {

// What the line shows. One of the three targets is set; the first that is set decides percent and ETA.
struct ProgressSnapshot {
  Duration elapsed{};         // since the first send
  int64_t output_tokens = 0;  // arrived so far
  std::optional<int64_t> target_tokens;
  std::optional<int64_t> target_requests;
  std::optional<Duration> target_duration;
  std::optional<double> tokens_per_second;  // over the last 10 s (RollingRate)
  int64_t users = 0;                        // active now
  int64_t requests_ok = 0;
  int64_t requests_failed = 0;
  bool is_simulated = false;
};

// Seven fields: progress, percent, elapsed, tokens per second, ETA, users, requests. At most 100 columns, no
// newline.
std::string FormatProgressLine(const ProgressSnapshot& snapshot);

}  // namespace llmdyno
