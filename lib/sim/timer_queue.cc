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
  agenda_.Add(due, std::move(target));
  if (!is_running_) Arm();
}

void TimerQueue::Clear() {
  agenda_.Clear();
  timer_.cancel();
  armed_for_ = kEndOfTime;
  ++arming_;
}

void TimerQueue::RunDue() {
  armed_for_ = kEndOfTime;
  is_running_ = true;
  // Read once: what falls due during the round waits for the next, so that sockets get their turn in between.
  const TimePoint now = clock_.Now();
  earliest_round_ = now + kRoundInterval;
  while (agenda_.next() <= now) {
    auto round = agenda_.Take();
    for (std::shared_ptr<Timed>& target : round->items) {
      if (const auto again = target->OnTimer(round->due)) agenda_.Add(*again, std::move(target));
    }
    agenda_.GiveBack(std::move(round));
  }
  is_running_ = false;
  Arm();
}

void TimerQueue::Arm() {
  const TimePoint next = std::max(agenda_.next(), earliest_round_);
  if (next >= armed_for_) return;
  armed_for_ = next;
  // Both are CLOCK_MONOTONIC in nanoseconds.
  timer_.expires_at(std::chrono::steady_clock::time_point(armed_for_.time_since_epoch()));
  timer_.async_wait([this, arming = ++arming_](const boost::system::error_code& error) {
    if (!error && arming == arming_) RunDue();
  });
}

}  // namespace llmdyno
