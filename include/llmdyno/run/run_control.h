// Stops a run from outside: another thread, or a signal handler. Apps and tools that link llmdyno hold one.
// Thread-safe.
#pragma once

#include <atomic>
#include <thread>

#include "llmdyno/base/wakeable.h"
#include "llmdyno/load/stop_condition.h"

namespace llmdyno {

// All requests may be made at any time, from any thread and from a signal handler. One control serves one
// run at a time and outlives it.
class RunControl {
 public:
  // The finish line is now: no more requests are issued, what is in flight drains up to the drain deadline.
  void Stop() { Raise(kStop); }
  // As Stop, and results say that a plugin was at fault (StopReason::kPluginFault) instead of that the caller
  // asked for it. What is first asked for decides.
  void StopForPluginFault() {
    if (!stop_requested()) is_plugin_fault_.store(true);
    Raise(kStop);
  }
  // As Stop, and the drain ends now: what is in flight is cancelled.
  void Abort() { Raise(kAbort); }

  bool stop_requested() const { return level_.load(std::memory_order_relaxed) >= kStop; }
  StopReason stop_reason() const {
    return is_plugin_fault_.load() ? StopReason::kPluginFault : StopReason::kInterrupted;
  }
  bool abort_requested() const { return level_.load(std::memory_order_relaxed) >= kAbort; }

  // Called by the run: what has to return from its wait when a request is made; null when the run ends. Once
  // that has returned, nobody uses the former one any more.
  void Attach(Wakeable* waiting) {
    waiting_.store(waiting);
    while (raising_.load() > 0) std::this_thread::yield();
  }

 private:
  enum Level : int { kRun, kStop, kAbort };
  void Raise(int level) {
    int known = level_.load();
    while (known < level && !level_.compare_exchange_weak(known, level)) {
    }
    raising_.fetch_add(1);
    if (Wakeable* waiting = waiting_.load()) waiting->Wake();
    raising_.fetch_sub(1);
  }

  std::atomic<int> level_ = kRun;
  std::atomic<bool> is_plugin_fault_ = false;
  std::atomic<int> raising_ = 0;  // calls that may be about to wake somebody
  std::atomic<Wakeable*> waiting_ = nullptr;
};

}  // namespace llmdyno
