// The two slopes of BacklogTrend, each with its own idea of noise.
#pragma once

#include <span>
#include <utility>
#include <vector>

namespace llmdyno {

// Standard errors above which a slope is believed.
inline constexpr double kSlopeSignificance = 4;

// A request's stay: seconds, on a scale whose zero is where the line begins.
struct Stay {
  double from = 0;
  double to = 0;
};

struct InFlightSlope {
  // Requests per second, beyond what would be if each stay were as long as one of the typical ones.
  double excess = 0;
  double error = 0;  // of the excess: as large as chance makes it, or something that is no straight line
  double mean = 0;   // requests
};

// A straight line through the number of stays that cover each instant of [0, seconds]. `typical` are lengths
// of stays, at least one: each of the stays is thought to have been drawn from them.
InFlightSlope SlopeOfInFlight(std::span<const Stay> stays, std::vector<double> typical, double seconds);

// The slope of y over x, or 0 when it is not significantly above 0. Points in the order of x; fewer than ten
// have no slope. They are grouped, and the line goes through the groups' medians: what a stall does to some
// of them is no slope, and neighbours that wait for one another are not taken for independent witnesses.
double SignificantSlope(std::span<const std::pair<double, double>> points);

}  // namespace llmdyno
