// What is to be done at which instant, in one heap. Adding and taking out allocate nothing in the steady
// state, as every paced token passes through here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

template <typename Item>
class Agenda {
 public:
  // What is due at one instant, in the order in which it was added. Streams in lockstep share one of these,
  // so that a thousand of them cost one place in the heap.
  struct Round {
    TimePoint due;
    uint64_t order = 0;
    std::vector<Item> items;
  };

  // Equal instants are served in the order in which they were added.
  void Add(TimePoint due, Item item) {
    if (latest_ == nullptr || latest_->due != due) {
      if (spare_.empty()) spare_.push_back(std::make_unique<Round>());
      latest_ = spare_.back().get();
      latest_->due = due;
      latest_->order = next_order_++;
      heap_.push_back(std::move(spare_.back()));
      spare_.pop_back();
      std::push_heap(heap_.begin(), heap_.end(), IsLater);
    }
    latest_->items.push_back(std::move(item));
  }

  // The end of time when there is nothing.
  TimePoint next() const { return heap_.empty() ? kEndOfTime : heap_.front()->due; }

  // Takes out the round that comes first; there must be one. What is added meanwhile is in another round.
  // Give it back when it is done with.
  std::unique_ptr<Round> Take() {
    std::pop_heap(heap_.begin(), heap_.end(), IsLater);
    std::unique_ptr<Round> round = std::move(heap_.back());
    heap_.pop_back();
    if (round.get() == latest_) latest_ = nullptr;
    return round;
  }
  void GiveBack(std::unique_ptr<Round> round) {
    round->items.clear();
    spare_.push_back(std::move(round));
  }

  // Forgets everything.
  void Clear() {
    heap_.clear();
    latest_ = nullptr;
  }

 private:
  // For std::push_heap, which keeps the largest in front.
  static bool IsLater(const std::unique_ptr<Round>& a, const std::unique_ptr<Round>& b) {
    return a->due != b->due ? a->due > b->due : a->order > b->order;
  }

  std::vector<std::unique_ptr<Round>> heap_;
  std::vector<std::unique_ptr<Round>> spare_;  // to be used again
  Round* latest_ = nullptr;                    // the round that was begun last, while it is in the heap
  uint64_t next_order_ = 0;
};

}  // namespace llmdyno
