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
  Push(due, std::move(target));
  if (!is_running_) Arm();
}

void TimerQueue::Clear() {
  heap_.clear();
  latest_ = nullptr;
  timer_.cancel();
  armed_for_ = kEndOfTime;
  ++arming_;
}

void TimerQueue::Push(TimePoint due, std::shared_ptr<Timed> target) {
  if (latest_ == nullptr || latest_->due != due) {
    if (spare_.empty()) spare_.push_back(std::make_unique<Round>());
    latest_ = spare_.back().get();
    latest_->due = due;
    latest_->order = next_order_++;
    heap_.push_back(std::move(spare_.back()));
    spare_.pop_back();
    std::push_heap(heap_.begin(), heap_.end(), IsLater);
  }
  latest_->targets.push_back(std::move(target));
}

void TimerQueue::RunDue() {
  armed_for_ = kEndOfTime;
  is_running_ = true;
  // Read once: what falls due during the round waits for the next, so that sockets get their turn in between.
  const TimePoint now = clock_.Now();
  earliest_round_ = now + kRoundInterval;
  while (!heap_.empty() && heap_.front()->due <= now) {
    std::pop_heap(heap_.begin(), heap_.end(), IsLater);
    std::unique_ptr<Round> round = std::move(heap_.back());
    heap_.pop_back();
    if (round.get() == latest_) latest_ = nullptr;
    for (std::shared_ptr<Timed>& target : round->targets) {
      if (const auto again = target->OnTimer(round->due)) Push(*again, std::move(target));
    }
    round->targets.clear();
    spare_.push_back(std::move(round));
  }
  is_running_ = false;
  Arm();
}

void TimerQueue::Arm() {
  if (heap_.empty() || std::max(heap_.front()->due, earliest_round_) >= armed_for_) return;
  armed_for_ = std::max(heap_.front()->due, earliest_round_);
  // Both are CLOCK_MONOTONIC in nanoseconds.
  timer_.expires_at(std::chrono::steady_clock::time_point(armed_for_.time_since_epoch()));
  timer_.async_wait([this, arming = ++arming_](const boost::system::error_code& error) {
    if (!error && arming == arming_) RunDue();
  });
}

}  // namespace llmdyno
