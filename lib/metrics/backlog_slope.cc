#include "metrics/backlog_slope.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace llmdyno {
namespace {

// Points of the curve that the line is laid through.
constexpr size_t kSamples = 200;
// Of lengths and of stays, to keep the arithmetic within a few milliseconds whatever the level's size.
constexpr size_t kMostLengths = 100;
constexpr size_t kMostStays = 4000;
constexpr size_t kGroups = 10;

using Point = std::pair<double, double>;

// The instants of [0, seconds] at which stays are counted, evenly spaced.
class Samples {
 public:
  explicit Samples(double seconds) : seconds_(seconds) {
    // Least squares on them, slope = sum((t - mean t) * y) / sum((t - mean t)^2), turned round: a stay adds
    // the weights of those that it covers.
    double squares = 0;
    for (size_t i = 0; i < kSamples; ++i) squares += Offset(i) * Offset(i);
    for (size_t i = 0; i < kSamples; ++i) weight_before_[i + 1] = weight_before_[i] + Offset(i) / squares;
  }
  double At(size_t i) const { return seconds_ * (static_cast<double>(i) + 0.5) / kSamples; }
  size_t CountBefore(double at) const {
    const double count = std::ceil(at / seconds_ * kSamples - 0.5);
    return static_cast<size_t>(std::clamp(count, 0.0, static_cast<double>(kSamples)));
  }
  double WeightOf(const Stay& stay) const {
    return weight_before_[CountBefore(stay.to)] - weight_before_[CountBefore(stay.from)];
  }

 private:
  double Offset(size_t i) const { return At(i) - seconds_ / 2; }

  double seconds_;
  std::array<double, kSamples + 1> weight_before_{};
};

// How many stays cover each sample: a sum of steps.
class CoverCurve {
 public:
  explicit CoverCurve(const Samples& samples) : samples_(samples) {}
  void Add(const Stay& stay, double count) {
    steps_[samples_.CountBefore(stay.from)] += count;
    steps_[samples_.CountBefore(stay.to)] -= count;
  }
  double Mean() const {
    double sum = 0;
    for (size_t i = 0; i < kSamples; ++i) sum += static_cast<double>(kSamples - i) * steps_[i];
    return sum / kSamples;
  }
  std::vector<Point> Points() const {
    std::vector<Point> points;
    double covering = 0;
    for (size_t i = 0; i < kSamples; ++i) points.emplace_back(samples_.At(i), covering += steps_[i]);
    return points;
  }

 private:
  const Samples& samples_;
  std::array<double, kSamples + 1> steps_{};
};

// Evenly spaced ones of the sorted values.
std::vector<double> Thinned(std::vector<double> values, size_t most) {
  std::sort(values.begin(), values.end());
  if (values.size() <= most) return values;
  std::vector<double> thinned;
  for (size_t i = 0; i < most; ++i) thinned.push_back(values[(2 * i + 1) * values.size() / (2 * most)]);
  return thinned;
}

struct MeanAndVariance {
  double mean = 0;
  double variance = 0;
};

MeanAndVariance Spread(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  MeanAndVariance spread;
  for (const double value : values) spread.mean += value / n;
  for (const double value : values) spread.variance += (value - spread.mean) * (value - spread.mean) / n;
  return spread;
}

double MedianOf(std::span<const Point> points, double Point::*member) {
  std::vector<double> values;
  for (const Point& point : points) values.push_back(point.*member);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Line {
  double slope = 0;
  double error = 0;  // standard error of the slope
};

// Through the medians of ten groups of at least ten points.
Line FitThroughMedians(std::span<const Point> points) {
  std::array<double, kGroups> x{};
  std::array<double, kGroups> y{};
  for (size_t i = 0; i < kGroups; ++i) {
    const size_t begin = i * points.size() / kGroups;
    const auto group = points.subspan(begin, (i + 1) * points.size() / kGroups - begin);
    x[i] = MedianOf(group, &Point::first);
    y[i] = MedianOf(group, &Point::second);
  }
  const MeanAndVariance of_x = Spread(x);
  const MeanAndVariance of_y = Spread(y);
  if (of_x.variance <= 0) return {};
  double covariance = 0;
  for (size_t i = 0; i < kGroups; ++i) covariance += (x[i] - of_x.mean) * (y[i] - of_y.mean) / kGroups;
  Line line{.slope = covariance / of_x.variance};
  const double residual = std::max(0.0, of_y.variance - line.slope * covariance) / (kGroups - 2);
  line.error = std::sqrt(residual / of_x.variance);
  return line;
}

}  // namespace

InFlightSlope SlopeOfInFlight(std::span<const Stay> stays, std::vector<double> typical, double seconds) {
  const Samples samples(seconds);
  CoverCurve in_flight(samples);
  for (const Stay& stay : stays) in_flight.Add(stay, 1);
  InFlightSlope slope;
  slope.mean = in_flight.Mean();

  const auto drawn_from = static_cast<double>(typical.size());
  const std::vector<double> lengths = Thinned(std::move(typical), kMostLengths);
  const size_t taken = std::min(stays.size(), kMostStays);
  // Each stay that is taken stands for so many.
  const double stands_for = static_cast<double>(stays.size()) / static_cast<double>(taken);
  std::vector<double> of_length(lengths.size());  // what all stays would add if each were so long
  std::vector<double> of_stay(lengths.size());
  double variance = 0;
  CoverCurve excess = in_flight;
  for (size_t i = 0; i < taken; ++i) {
    const double from = stays[i * stays.size() / taken].from;
    for (size_t k = 0; k < lengths.size(); ++k) {
      const Stay as_long{from, from + lengths[k]};
      of_stay[k] = samples.WeightOf(as_long);
      of_length[k] += stands_for * of_stay[k];
      excess.Add(as_long, -stands_for / static_cast<double>(lengths.size()));
    }
    variance += stands_for * Spread(of_stay).variance;
  }
  double measured = 0;
  for (const Stay& stay : stays) measured += samples.WeightOf(stay);
  const MeanAndVariance expected = Spread(of_length);
  slope.excess = measured - expected.mean;
  // The scatter of the stays, and that of what is known of their lengths; or what is no straight line.
  slope.error = std::max(std::sqrt(variance + expected.variance / drawn_from),
                         FitThroughMedians(excess.Points()).error);
  return slope;
}

double SignificantSlope(std::span<const std::pair<double, double>> points) {
  if (points.size() < kGroups) return 0;
  const Line line = FitThroughMedians(points);
  return line.slope > kSlopeSignificance * line.error ? line.slope : 0;
}

}  // namespace llmdyno
