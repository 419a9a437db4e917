// Ranks of a sorted sample between which a percentile lies.
#pragma once

#include <optional>

namespace llmdyno {

// Ranks count from 1 and are solved for as real numbers, so that a sample of n that is worth only 37.5
// independent ones has ranks as well. With independent samples the whole rank below (above) is exact.
//
// The largest rank l with P(B < l) <= tail, B being binomial(n, p); nothing when that is below 1.
std::optional<double> LowRank(double n, double p, double tail);
// The smallest rank u with P(B >= u) <= tail; nothing when that is beyond n.
std::optional<double> HighRank(double n, double p, double tail);

}  // namespace llmdyno
