// Tokens per second over the last ten seconds, from a running total. Progress lines use it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "llmdyno/base/time.h"

namespace llmdyno {

// Feed it the running total as often as you like; it keeps ten samples a second. Thread-compatible.
class RollingRate {
 public:
  // Over so much of the latest time; above zero.
  explicit RollingRate(Duration window = std::chrono::seconds(10)) : window_(window) {}

  // Instants must not go back.
  void Add(TimePoint now, int64_t total);
  // Growth over the window per second, or since the first sample while the run is younger than that. Nothing
  // before two samples.
  std::optional<double> PerSecond() const;

 private:
  struct Sample {
    TimePoint at;
    int64_t total = 0;
  };
  Duration window_;
  std::deque<Sample> samples_;
  std::optional<Sample> latest_;
};

}  // namespace llmdyno
