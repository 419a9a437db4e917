// Numbers spelled in words, so that texts begin differently: what prompts open with.
#pragma once

#include <cassert>
#include <cstdint>

namespace llmdyno {

// Spells serial numbers with the digits 0 to base-1, so many digits that some 10^14 numbers differ (with a
// very small base: as many as 16 digits give). Numbers that follow each other differ in their first k digits
// already while there are no more than base^k of them. Needs base >= 1.
class SerialDigits {
 public:
  explicit SerialDigits(uint64_t base) : base_(base) {
    assert(base >= 1 && "a number system has a digit");
    constexpr uint64_t kEnough = uint64_t{1} << 47;
    while (numbers_ < kEnough && digits_ < 16 && numbers_ <= UINT64_MAX / base) {
      numbers_ *= base;
      ++digits_;
    }
  }

  int digits() const { return digits_; }

  // Calls take(digit) for each digit of the number.
  template <typename Take>
  void Spell(uint64_t serial, Take take) const {
    // Multiplying by a prime that the base cannot divide permutes the numbers, those of the first k digits
    // among themselves, so that neighbours look unrelated.
    constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
    __extension__ using Uint128 = unsigned __int128;
    auto number = static_cast<uint64_t>(static_cast<Uint128>(serial % numbers_) * kPrime % numbers_);
    for (int i = 0; i < digits_; ++i) {
      take(number % base_);
      number /= base_;
    }
  }

 private:
  uint64_t base_;
  uint64_t numbers_ = 1;
  int digits_ = 0;
};

}  // namespace llmdyno
