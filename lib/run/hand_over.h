// Passes objects from one thread to another without a lock, a limit or an allocation.
#pragma once

#include <atomic>

namespace llmdyno {

// A list through the objects themselves (`T* next`). One thread pushes, one takes; neither ever waits for the
// other, and the list cannot be full: what it holds is there anyway.
template <typename T>
class HandOver {
 public:
  // True when the list was empty: whoever takes may be asleep.
  bool Push(T& object) {
    T* head = head_.load(std::memory_order_relaxed);
    do {
      object.next = head;
    } while (
        !head_.compare_exchange_weak(head, &object, std::memory_order_release, std::memory_order_relaxed));
    return head == nullptr;
  }

  // All that were pushed so far, chained by `next` in the order of pushing; null when there are none. The
  // taker reads an object's `next` before it passes the object on.
  T* TakeAll() {
    T* newest_first = head_.exchange(nullptr, std::memory_order_acquire);
    T* in_order = nullptr;
    while (newest_first != nullptr) {
      T* const rest = newest_first->next;
      newest_first->next = in_order;
      in_order = newest_first;
      newest_first = rest;
    }
    return in_order;
  }

 private:
  std::atomic<T*> head_ = nullptr;
};

}  // namespace llmdyno
