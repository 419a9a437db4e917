// Stops a run from outside: another thread, or a signal handler.
#pragma once

#include <atomic>

#include "llmdyno/net/transport.h"

namespace llmdyno {

// Both requests may be made at any time, from any thread and from a signal handler. One control serves one
// run at a time and outlives it.
class RunControl {
 public:
  // The finish line is now: no more requests are issued, what is in flight drains up to the drain deadline.
  void Stop() { Raise(kStop); }
  // As Stop, and the drain ends now: what is in flight is cancelled.
  void Abort() { Raise(kAbort); }

  bool stop_requested() const { return level_.load(std::memory_order_relaxed) >= kStop; }
  bool abort_requested() const { return level_.load(std::memory_order_relaxed) >= kAbort; }

  // Called by the run: the transport whose Poll has to return when a request is made; null when the run ends.
  // The transport must outlive every Stop and Abort that may be under way then.
  void Attach(Transport* transport) { transport_.store(transport); }

 private:
  enum Level : int { kRun, kStop, kAbort };
  void Raise(int level) {
    int known = level_.load();
    while (known < level && !level_.compare_exchange_weak(known, level)) {
    }
    if (Transport* transport = transport_.load()) transport->Wake();
  }

  std::atomic<int> level_ = kRun;
  std::atomic<Transport*> transport_ = nullptr;
};

}  // namespace llmdyno
