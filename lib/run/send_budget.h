// How many requests are sent in a row before what has arrived is read.
#pragma once

#include <utility>

#include "llmdyno/base/time.h"

namespace llmdyno {

class SendBudget {
 public:
  bool has_left() const { return sent_ < kBatchPerPoll && instants_ < kInstantsPerPoll; }
  void Spend(TimePoint due) {
    ++sent_;
    if (due != std::exchange(last_due_, due)) ++instants_;
  }

 private:
  // Fewer than the 64 ready sockets that a transport handles in a row, because at a rate that fills a core
  // reading has to come first: where sends come first, answers that are there already keep their connections
  // busy, each send opens a new one, and what is offered is never caught up with. (With 64 here, 30,000
  // requests a second offered became 14,000; with 16, 39,000 were held.)
  static constexpr int kInstantsPerPoll = 16;
  // Requests that are due at the very same instant are a batch, and leave as one: what comes back meanwhile
  // has its stamp from the kernel. Still not so many that nothing is read for long.
  static constexpr int kBatchPerPoll = 256;

  int sent_ = 0;
  int instants_ = 0;
  TimePoint last_due_;
};

}  // namespace llmdyno
