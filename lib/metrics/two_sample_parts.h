// What the tests of two samples share.
#pragma once

#include <span>
#include <vector>

namespace llmdyno {

// Of the normal law at 0.8: four of five.
inline constexpr double kPowerQuantile = 0.8416212335729143;

// For each of `samples` the share of `others` that is larger, equal ones half, in the order of `samples`.
std::vector<double> PlacementsIn(std::span<const double> samples, std::span<const double> others);

}  // namespace llmdyno
