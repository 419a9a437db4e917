// When to look at which transfer's time limit: for who writes a transport. Used by one thread.
#pragma once

#include <algorithm>
#include <cstddef>
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

// Each slot with an active transfer has an entry no later than its deadline can be; one that comes up too
// early is put back. A transfer that gets on comes under another limit, which may end sooner than the one
// before (30 s to connect, then 5 s to the first byte), but never sooner than the shortest limit of all from
// now. So nothing is touched while tokens arrive. Entries of finished transfers stay: they do for the slot's
// next one, so that short requests touch nothing either, and one that no transfer is under comes up once and
// is gone.
class LimitWatch {
 public:
  // Limits that are zero do not exist.
  LimitWatch(std::initializer_list<Duration> limits) {
    for (const Duration limit : limits) {
      if (limit > Duration::zero()) shortest_ = std::min(shortest_, limit);
    }
  }

  // `deadline` is that of the limit which the slot's transfer is under now.
  void Watch(size_t slot, TimePoint deadline, TimePoint now) {
    if (look_at_.size() <= slot) look_at_.resize(slot + 1, kEndOfTime);
    const TimePoint look_at = std::min(deadline, EndOfLimit(now, shortest_));
    if (look_at_[slot] <= look_at) return;
    look_at_[slot] = look_at;
    entries_.emplace(look_at, slot);
  }

  TimePoint next() const { return entries_.empty() ? kEndOfTime : entries_.top().first; }

  // Takes out a slot whose transfer, if it has one, is to be looked at by now.
  std::optional<size_t> TakeDue(TimePoint now) {
    while (!entries_.empty() && next() <= now) {
      const auto [at, slot] = entries_.top();
      entries_.pop();
      if (look_at_[slot] != at) continue;  // an earlier entry took its place
      look_at_[slot] = kEndOfTime;
      return slot;
    }
    return std::nullopt;
  }

 private:
  using Entry = std::pair<TimePoint, size_t>;

  Duration shortest_ = Duration::max();
  std::vector<TimePoint> look_at_;  // by slot: its entry; the end of time when it has none
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_;
};

}  // namespace llmdyno
