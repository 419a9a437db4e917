// Money in millionths of a US dollar.
#pragma once

#include <cstdint>

namespace llmdyno {

class MicroUsd {
 public:
  constexpr MicroUsd() = default;
  static constexpr MicroUsd FromUsd(double usd) { return MicroUsd(usd * 1e6); }
  constexpr double Usd() const { return micro_ / 1e6; }
  friend constexpr auto operator<=>(MicroUsd, MicroUsd) = default;

 private:
  constexpr explicit MicroUsd(double micro) : micro_(micro) {}
  // A double: prices per token are far below one millionth, and totals stay far below 2^53.
  double micro_ = 0;
};

}  // namespace llmdyno
