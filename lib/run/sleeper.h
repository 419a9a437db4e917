// A thread that waits for an instant or for another thread.
#pragma once

#include <semaphore.h>

#include <atomic>
#include <cerrno>
#include <ctime>

#include "llmdyno/base/clock.h"
#include "llmdyno/base/wakeable.h"

namespace llmdyno {

// Needs a clock of monotonic time.
class Sleeper final : public Wakeable {
 public:
  Sleeper() { sem_init(&semaphore_, 0, 0); }
  ~Sleeper() override { sem_destroy(&semaphore_); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  // Several wake-ups before the next sleep are one.
  void Wake() override {
    if (!is_awake_.exchange(true)) sem_post(&semaphore_);
  }

  // One thread sleeps. What was done before a Wake is seen when it returns.
  void SleepUntil(TimePoint deadline) {
    if (deadline == kEndOfTime) {
      while (sem_wait(&semaphore_) != 0) {  // a signal handler ran
      }
    } else {
      const auto seconds = std::chrono::floor<std::chrono::seconds>(deadline.time_since_epoch());
      const timespec at{seconds.count(), (deadline.time_since_epoch() - seconds).count()};
      while (sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &at) != 0) {
        if (errno == ETIMEDOUT) return;
      }
    }
    is_awake_.store(false);
  }

 private:
  sem_t semaphore_;
  std::atomic<bool> is_awake_ = false;
};

}  // namespace llmdyno
