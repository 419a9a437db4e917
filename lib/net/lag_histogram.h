// How late the client was, in a fixed amount of memory: eight buckets to each power of two of nanoseconds, so
// a quantile is at most 12.5 % too high.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "llmdyno/base/time.h"

namespace llmdyno {

class LagHistogram {
 public:
  void Add(Duration lag) {
    const auto value = static_cast<uint64_t>(lag.count() < 0 ? 0 : lag.count());
    ++buckets_[BucketOf(value)];
    ++count_;
    if (lag > max_) max_ = lag;
  }
  // The upper edge of the bucket that holds the quantile; zero when nothing was added.
  Duration Quantile(double p) const {
    if (count_ == 0) return Duration::zero();
    const auto rank = static_cast<int64_t>(p * static_cast<double>(count_ - 1));
    int64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > rank) return std::min(UpperEdge(i), max_);
    }
    return max_;
  }
  Duration max() const { return max_; }

 private:
  static constexpr int kBits = 3;
  static size_t BucketOf(uint64_t value) {
    if (value < (1U << kBits)) return static_cast<size_t>(value);
    const auto power = static_cast<size_t>(std::bit_width(value)) - 1 - kBits;
    return ((power + 1) << kBits) + static_cast<size_t>((value >> power) & ((1U << kBits) - 1));
  }
  static Duration UpperEdge(size_t bucket) {
    if (bucket < (1U << kBits)) return Duration(static_cast<int64_t>(bucket));
    const auto power = static_cast<int>(bucket >> kBits) - 1;
    const uint64_t mantissa = (1U << kBits) + (bucket & ((1U << kBits) - 1));
    return Duration(static_cast<int64_t>(((mantissa + 1) << power) - 1));
  }

  std::array<int64_t, 62 << kBits> buckets_{};
  int64_t count_ = 0;
  Duration max_{};
};

}  // namespace llmdyno
