// When the tokens of one response arrived, compactly: about five bytes per arrival, so that 5000 streams of
// thousands of tokens fit into a few dozen megabytes. A record holds one; metrics read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

// One or more streamed events that share an arrival instant, because they came in one read.
struct Arrival {
  TimePoint at;
  uint32_t events = 1;  // SSE events with text in this arrival
  uint32_t tokens = 1;  // tokens they carry, as far as the stream tells (see RequestRecord)
  // Of several events that came in one read only the last is known to have come at `at`; the others may have
  // come earlier. True: so may the last one, because the client saw it late.
  bool upper_bound = false;

  friend bool operator==(const Arrival&, const Arrival&) = default;
};

// Append-only sequence of arrivals in the order in which they were read. `at` never goes back: an instant
// before the last one (two kernel stamps can be a hair out of order) is stored as the last one, and a gap of
// more than 146 years as 146 years.
// Keeps its capacity over Clear(), so a recycled log does not allocate. A plain value; not thread-safe.
class ArrivalLog {
 public:
  // Adds one behind the others.
  void Append(const Arrival& arrival);
  // Back to an empty log, keeping its memory.
  void Clear();

  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }  // arrivals, not tokens
  size_t capacity_bytes() const { return bytes_.capacity(); }
  int64_t total_tokens() const { return total_tokens_; }
  int64_t total_events() const { return total_events_; }
  int64_t upper_bounds() const { return upper_bounds_; }  // events whose instant is an upper bound
  bool all_single() const { return all_single_; }         // every arrival is one event of one token
  bool all_exact() const { return all_exact_; }           // no arrival has Arrival::upper_bound
  int64_t TokensUntil(TimePoint line) const;              // of the arrivals at `line` and before it
  TimePoint first_at() const { return first_at_; }        // needs !empty()
  TimePoint last_at() const { return last_at_; }          // needs !empty()

  // Decodes as it goes: reading is in order only, once per iterator. Valid until the log is changed.
  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Arrival;
    using difference_type = std::ptrdiff_t;
    using pointer = const Arrival*;
    using reference = const Arrival&;

    const_iterator() = default;
    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }
    const_iterator& operator++();
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.index_ == b.index_; }

   private:
    friend class ArrivalLog;
    const_iterator(const uint8_t* next, TimePoint start, size_t index, size_t count);
    void Decode();

    const uint8_t* next_ = nullptr;
    size_t index_ = 0;
    size_t count_ = 0;
    Arrival current_;
  };
  const_iterator begin() const { return {bytes_.data(), TimePoint(), 0, count_}; }
  const_iterator end() const { return {nullptr, TimePoint(), count_, count_}; }

  friend bool operator==(const ArrivalLog& a, const ArrivalLog& b) { return a.bytes_ == b.bytes_; }

 private:
  // Each arrival: varint(gap_ns << 2 | upper_bound << 1 | many), and when `many`: varint(events),
  // varint(tokens). The first gap counts from the monotonic clock's origin.
  std::vector<uint8_t> bytes_;
  size_t count_ = 0;
  int64_t total_tokens_ = 0;
  int64_t total_events_ = 0;
  int64_t upper_bounds_ = 0;
  bool all_single_ = true;
  bool all_exact_ = true;
  TimePoint first_at_;
  TimePoint last_at_;
};

}  // namespace llmdyno
