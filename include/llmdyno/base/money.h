// Money in millionths of a US dollar. The cost module computes with it, reports print it. A plain value.
#pragma once

#include <cstdint>

namespace llmdyno {

// An amount, or a price per unit that the name of the variable tells. May be a fraction of a millionth.
class MicroUsd {
 public:
  constexpr MicroUsd() = default;
  // The amount of so many US dollars, unrounded.
  static constexpr MicroUsd FromUsd(double usd) { return MicroUsd(usd * 1e6); }
  // The amount in US dollars.
  constexpr double Usd() const { return micro_ / 1e6; }
  friend constexpr auto operator<=>(MicroUsd, MicroUsd) = default;

 private:
  constexpr explicit MicroUsd(double micro) : micro_(micro) {}
  // A double: prices per token are far below one millionth, and totals stay far below 2^53.
  double micro_ = 0;
};

}  // namespace llmdyno
