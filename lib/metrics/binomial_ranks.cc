#include "metrics/binomial_ranks.h"

#include "metrics/probability.h"

namespace llmdyno {

std::optional<double> LowRank(double n, double p, double tail) {
  // P(B < l) grows with l.
  if (n < 1 || BinomialCdf(0, n, p) > tail) return std::nullopt;
  double low = 1;
  double high = n;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (BinomialCdf(middle - 1, n, p) <= tail ? low : high) = middle;
  }
  return low;
}

std::optional<double> HighRank(double n, double p, double tail) {
  const auto mirrored = LowRank(n, 1 - p, tail);
  if (!mirrored) return std::nullopt;
  return n + 1 - *mirrored;
}

}  // namespace llmdyno
