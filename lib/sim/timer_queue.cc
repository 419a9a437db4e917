#include "timer_queue.h"

#include <algorithm>

namespace llmdyno {
namespace {

// Rounds begin no closer together than this. With thousands of streams on schedules of their own something is
// due every few microseconds, and waking up for each would cost more than sending its token does. When rounds
// are rare, nothing is ever late for this reason.
constexpr std::chrono::microseconds kRoundInterval{100};

}  // namespace

void TimerQueue::Add(TimePoint due, std::shared_ptr<Timed> target) {
  Push({due, next_order_++, std::move(target)});
  if (!is_running_) Arm();
}

void TimerQueue::Clear() {
  heap_.clear();
  timer_.cancel();
  armed_for_ = kEndOfTime;
  ++arming_;
}

void TimerQueue::Push(Entry entry) {
  heap_.push_back(std::move(entry));
  std::push_heap(heap_.begin(), heap_.end());
}

void TimerQueue::RunDue() {
  armed_for_ = kEndOfTime;
  is_running_ = true;
  // Read once: what falls due during the round waits for the next, so that sockets get their turn in between.
  const TimePoint now = clock_.Now();
  earliest_round_ = now + kRoundInterval;
  while (!heap_.empty() && heap_.front().due <= now) {
    std::pop_heap(heap_.begin(), heap_.end());
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    if (const auto again = entry.target->OnTimer(entry.due)) {
      entry.due = *again;
      entry.order = next_order_++;
      Push(std::move(entry));
    }
  }
  is_running_ = false;
  Arm();
}

void TimerQueue::Arm() {
  if (heap_.empty() || std::max(heap_.front().due, earliest_round_) >= armed_for_) return;
  armed_for_ = std::max(heap_.front().due, earliest_round_);
  // Both are CLOCK_MONOTONIC in nanoseconds.
  timer_.expires_at(std::chrono::steady_clock::time_point(armed_for_.time_since_epoch()));
  timer_.async_wait([this, arming = ++arming_](const boost::system::error_code& error) {
    if (!error && arming == arming_) RunDue();
  });
}

}  // namespace llmdyno
