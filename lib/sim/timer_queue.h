// Everything a worker has to do at a given instant, behind one timer of the kernel.
#pragma once

#include <utility>  // Boost.Asio 1.74 needs it and does not include it

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>

#include "agenda.h"
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
  void RunDue();
  void Arm();

  boost::asio::steady_timer timer_;
  const Clock& clock_;
  Agenda<std::shared_ptr<Timed>> agenda_;
  TimePoint armed_for_ = kEndOfTime;
  TimePoint earliest_round_{};
  uint64_t arming_ = 0;  // number of the latest wait; earlier ones were superseded
  bool is_running_ = false;
};

}  // namespace llmdyno
