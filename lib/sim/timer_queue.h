// Everything a worker has to do at a given instant, in one heap behind one timer of the kernel. Adding and
// running allocate nothing in the steady state, as every paced token passes through here.
#pragma once

#include <utility>  // Boost.Asio 1.74 needs it and does not include it

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "llmdyno/base/clock.h"

namespace llmdyno {

class Timed {
 public:
  virtual ~Timed() = default;
  // Called at or after `due`; returns when to be called again, or nothing.
  virtual std::optional<TimePoint> OnTimer(TimePoint due) = 0;
};

// Belongs to one thread.
class TimerQueue {
 public:
  TimerQueue(boost::asio::io_context& io, const Clock& clock) : timer_(io), clock_(clock) {}
  // Equal instants are served in the order in which they were added.
  void Add(TimePoint due, std::shared_ptr<Timed> target);
  // Forgets everything.
  void Clear();

 private:
  // What is due at one instant, in the order in which it was added. Streams in lockstep share one of these,
  // so that a thousand of them cost one place in the heap.
  struct Round {
    TimePoint due;
    uint64_t order = 0;
    std::vector<std::shared_ptr<Timed>> targets;
  };
  // For std::push_heap, which keeps the largest in front.
  static bool IsLater(const std::unique_ptr<Round>& a, const std::unique_ptr<Round>& b) {
    return a->due != b->due ? a->due > b->due : a->order > b->order;
  }
  void Push(TimePoint due, std::shared_ptr<Timed> target);
  void RunDue();
  void Arm();

  boost::asio::steady_timer timer_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Round>> heap_;
  std::vector<std::unique_ptr<Round>> spare_;  // to be used again
  Round* latest_ = nullptr;                    // the round that was begun last, while it is in the heap
  uint64_t next_order_ = 0;
  TimePoint armed_for_ = kEndOfTime;
  TimePoint earliest_round_{};
  uint64_t arming_ = 0;  // number of the latest wait; earlier ones were superseded
  bool is_running_ = false;
};

}  // namespace llmdyno
