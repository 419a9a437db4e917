// When to look at which transfer's time limit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

// The end of a limit that began then; the end of time when the limit is zero, which means none.
inline TimePoint EndOfLimit(TimePoint from, Duration limit) {
  return limit == Duration::zero() || limit >= kEndOfTime - from ? kEndOfTime : from + limit;
}

// Each active transfer has an entry no later than its deadline can be; one that comes up too early is put
// back. A transfer that gets on comes under another limit, which may end sooner than the one before (30 s to
// connect, then 5 s to the first byte), but never sooner than the shortest limit of all from now. So nothing
// is touched while tokens arrive, and a finished transfer's entry simply comes up and is dropped.
class LimitWatch {
 public:
  // Limits that are zero do not exist.
  explicit LimitWatch(std::initializer_list<Duration> limits) {
    for (const Duration limit : limits) {
      if (limit > Duration::zero()) shortest_ = std::min(shortest_, limit);
    }
  }

  // `deadline` is that of the limit which the transfer is under now.
  void Watch(int64_t id, TimePoint deadline, TimePoint now) {
    const TimePoint look_at = std::min(deadline, EndOfLimit(now, shortest_));
    if (look_at != kEndOfTime) entries_.emplace(look_at, id);
  }

  TimePoint next() const { return entries_.empty() ? kEndOfTime : entries_.top().first; }

  // Takes out a transfer that is to be looked at by now.
  std::optional<int64_t> TakeDue(TimePoint now) {
    if (next() > now) return std::nullopt;
    const int64_t id = entries_.top().second;
    entries_.pop();
    return id;
  }

 private:
  using Entry = std::pair<TimePoint, int64_t>;

  Duration shortest_ = Duration::max();
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;
};

}  // namespace llmdyno
