#include "llmdyno/core/arrival_log.h"

#include <algorithm>

namespace llmdyno {
namespace {

// Two of the 64 bits that a gap is stored in are flags. 2^62 ns are 146 years.
constexpr Duration kLongestGap((int64_t{1} << 62) - 1);

void AppendVarint(std::vector<uint8_t>& bytes, uint64_t value) {
  while (value >= 0x80) {
    bytes.push_back(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<uint8_t>(value));
}

uint64_t ReadVarint(const uint8_t*& next) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = *next++;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
}

}  // namespace

void ArrivalLog::Append(const Arrival& arrival) {
  const TimePoint previous = empty() ? TimePoint() : last_at_;
  const Duration gap = std::min(std::max(arrival.at, previous) - previous, kLongestGap);
  const TimePoint at = previous + gap;
  const bool many = arrival.events != 1 || arrival.tokens != 1;
  AppendVarint(bytes_,
               static_cast<uint64_t>(gap.count()) << 2 | (arrival.upper_bound ? 2U : 0U) | (many ? 1U : 0U));
  if (many) {
    AppendVarint(bytes_, arrival.events);
    AppendVarint(bytes_, arrival.tokens);
  }
  if (empty()) first_at_ = at;
  last_at_ = at;
  ++count_;
  all_single_ = all_single_ && !many;
  all_exact_ = all_exact_ && !arrival.upper_bound;
  total_tokens_ += arrival.tokens;
  total_events_ += arrival.events;
  const int64_t exact = arrival.upper_bound ? 0 : 1;
  upper_bounds_ += std::max<int64_t>(0, int64_t{arrival.events} - exact);
}

void ArrivalLog::Clear() {
  bytes_.clear();
  count_ = 0;
  total_tokens_ = total_events_ = upper_bounds_ = 0;
  all_single_ = all_exact_ = true;
  first_at_ = last_at_ = TimePoint();
}

int64_t ArrivalLog::TokensUntil(TimePoint line) const {
  if (last_at_ <= line) return total_tokens_;
  int64_t tokens = 0;
  for (const Arrival& arrival : *this) {
    if (arrival.at > line) break;
    tokens += arrival.tokens;
  }
  return tokens;
}

ArrivalLog::const_iterator::const_iterator(const uint8_t* next, TimePoint start, size_t index, size_t count)
    : next_(next), index_(index), count_(count) {
  current_.at = start;
  if (index_ < count_) Decode();
}

ArrivalLog::const_iterator& ArrivalLog::const_iterator::operator++() {
  if (++index_ < count_) Decode();
  return *this;
}

void ArrivalLog::const_iterator::Decode() {
  const uint64_t head = ReadVarint(next_);
  current_.at += Duration(static_cast<int64_t>(head >> 2));
  current_.upper_bound = (head & 2) != 0;
  current_.events = current_.tokens = 1;
  if ((head & 1) != 0) {
    current_.events = static_cast<uint32_t>(ReadVarint(next_));
    current_.tokens = static_cast<uint32_t>(ReadVarint(next_));
  }
}

}  // namespace llmdyno
