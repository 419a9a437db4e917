// The stretch of time over which instants recur at a mean rate.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "llmdyno/base/time.h"

namespace llmdyno {

// n instants have n - 1 gaps between them; the window adds one more of the same mean length, which belongs to
// the last instant. So thirty requests at 10 per second have a window of 3.0 s and a rate of 10.0 per second.
class SendWindow {
 public:
  void Add(TimePoint at) {
    first_ = count_ == 0 ? at : std::min(first_, at);
    last_ = count_ == 0 ? at : std::max(last_, at);
    ++count_;
  }

  Duration length() const {
    return count_ < 2 ? Duration::zero() : (last_ - first_) + (last_ - first_) / (count_ - 1);
  }
  // Nothing for a single instant and when all are the same.
  std::optional<double> PerSecond() const {
    if (count_ < 2 || last_ == first_) return std::nullopt;
    return static_cast<double>(count_ - 1) / ToSeconds(last_ - first_);
  }

 private:
  TimePoint first_;
  TimePoint last_;
  int64_t count_ = 0;
};

}  // namespace llmdyno
