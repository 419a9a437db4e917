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
  struct Entry {
    TimePoint due;
    uint64_t order = 0;
    std::shared_ptr<Timed> target;
    // For std::push_heap, which keeps the largest in front.
    bool operator<(const Entry& other) const {
      return due != other.due ? due > other.due : order > other.order;
    }
  };
  void Push(Entry entry);
  void RunDue();
  void Arm();

  boost::asio::steady_timer timer_;
  const Clock& clock_;
  std::vector<Entry> heap_;
  uint64_t next_order_ = 0;
  TimePoint armed_for_ = kEndOfTime;
  TimePoint earliest_round_{};
  uint64_t arming_ = 0;  // number of the latest wait; earlier ones were superseded
  bool is_running_ = false;
};

}  // namespace llmdyno
