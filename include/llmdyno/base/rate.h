// Requests per second as a type of its own, so that a rate is never mistaken for an interval. Load models and
// plans speak it. A plain value.
#pragma once

#include "llmdyno/base/time.h"

namespace llmdyno {

// A rate in requests per second; 0 unless told. It does not check that a rate is finite or positive.
class RequestRate {
 public:
  constexpr RequestRate() = default;
  // So many requests per second.
  static constexpr RequestRate PerSecond(double value) { return RequestRate(value); }
  // Requests per second.
  constexpr double PerSecond() const { return per_second_; }
  // The mean gap between two requests. Needs a rate above zero.
  Duration MeanGap() const { return FromSeconds(1.0 / per_second_); }
  friend constexpr auto operator<=>(RequestRate, RequestRate) = default;

 private:
  constexpr explicit RequestRate(double value) : per_second_(value) {}
  double per_second_ = 0;
};

inline namespace literals {
constexpr RequestRate operator""_per_s(unsigned long long value) {
  return RequestRate::PerSecond(static_cast<double>(value));
}
constexpr RequestRate operator""_per_s(long double value) {
  return RequestRate::PerSecond(static_cast<double>(value));
}
}  // namespace literals

}  // namespace llmdyno
