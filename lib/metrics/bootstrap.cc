// The half of confidence.h that works on series: blocks, their errors, and the bootstrap.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "llmdyno/base/random.h"
#include "llmdyno/metrics/confidence.h"
#include "metrics/probability.h"

namespace llmdyno {
namespace {

constexpr size_t kFewest = 8;
// Blocks that remain at least: fewer say nothing about how blocks differ.
constexpr int64_t kFewestBlocks = 5;

double Square(double value) { return value * value; }

// What each element adds to the deviation of a ratio of sums from its true value, linearized: its mean is 0
// and the ratio's error is that of its mean.
struct Influence {
  double ratio = 0;
  std::vector<double> values;
};

std::optional<Influence> InfluenceOf(std::span<const double> numerators,
                                     std::span<const double> denominators) {
  const size_t n = numerators.size();
  if (n < kFewest) return std::nullopt;
  const double below = std::accumulate(denominators.begin(), denominators.end(), 0.0);
  if (below <= 0) return std::nullopt;
  Influence influence;
  influence.ratio = std::accumulate(numerators.begin(), numerators.end(), 0.0) / below;
  const double mean_below = below / static_cast<double>(n);
  influence.values.resize(n);
  for (size_t i = 0; i < n; ++i) {
    influence.values[i] = (numerators[i] - influence.ratio * denominators[i]) / mean_below;
  }
  return influence;
}

// Sums of `length` elements from any start, going round at the end.
class CircularBlocks {
 public:
  CircularBlocks(std::span<const double> series, int64_t length) : n_(series.size()) {
    sums_.resize(n_ + static_cast<size_t>(length) + 1);
    for (size_t i = 1; i < sums_.size(); ++i) sums_[i] = sums_[i - 1] + series[(i - 1) % n_];
  }
  double Sum(size_t start, int64_t length) const {
    return sums_[start + static_cast<size_t>(length)] - sums_[start];
  }
  size_t size() const { return n_; }

 private:
  size_t n_;
  std::vector<double> sums_;
};

double Autocovariance(std::span<const double> centred, size_t lag) {
  double sum = 0;
  for (size_t i = lag; i < centred.size(); ++i) sum += centred[i] * centred[i - lag];
  return sum / static_cast<double>(centred.size());
}

std::vector<double> Centred(std::span<const double> series) {
  const double mean = std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(series.size());
  std::vector<double> centred(series.begin(), series.end());
  for (double& value : centred) value -= mean;
  return centred;
}

// The lag from which on correlations are no more than chance for a while, after Politis and White.
size_t LastTellingLag(std::span<const double> covariances, size_t n) {
  const double log_n = std::log10(static_cast<double>(n));
  const double chance = 2 * std::sqrt(log_n / static_cast<double>(n)) * covariances[0];
  const auto quiet_for = static_cast<size_t>(std::max(5.0, std::ceil(std::sqrt(log_n))));
  size_t quiet = 0;
  for (size_t lag = 1; lag < covariances.size(); ++lag) {
    quiet = std::abs(covariances[lag]) < chance ? quiet + 1 : 0;
    if (quiet == quiet_for) return lag - quiet;
  }
  return covariances.size() - 1 - quiet;
}

double CountOf(size_t n, int64_t length) { return static_cast<double>(n) / static_cast<double>(length); }

// How a series is cut.
struct Blocks {
  int64_t length = 1;
  // What the variance of means of such blocks has to be multiplied with: what neighbouring blocks still have
  // in common is missing in it.
  double correction = 1;
  // True: neighbours are alike over a fifth of the series, so there are hardly any independent parts.
  bool hangs_together = false;
};

// The choice of Politis and White (2004, 2009) for circular blocks.
Blocks ChooseBlocks(std::span<const double> series) {
  const size_t n = series.size();
  const int64_t longest = static_cast<int64_t>(n) / kFewestBlocks;
  if (longest < 2) return {};
  const std::vector<double> centred = Centred(series);
  std::vector<double> covariances;
  for (size_t lag = 0; lag <= static_cast<size_t>(longest); ++lag) {
    covariances.push_back(Autocovariance(centred, lag));
  }
  if (covariances[0] <= 0) return {};
  const size_t telling = LastTellingLag(covariances, n);
  if (telling == 0) return {};
  const double window = 2 * static_cast<double>(telling);
  double spectrum = covariances[0];
  double slope = 0;
  for (size_t lag = 1; lag < std::min(covariances.size(), 2 * telling); ++lag) {
    const double weight = std::min(1.0, 2 * (1 - static_cast<double>(lag) / window));
    spectrum += 2 * weight * covariances[lag];
    slope += 2 * weight * static_cast<double>(lag) * covariances[lag];
  }
  if (spectrum <= 0) return {};
  const double best = std::cbrt(2 * Square(slope) / (4.0 / 3 * Square(spectrum)) * static_cast<double>(n));
  // Their length minimizes the error of the variance, which is then too small more often than not. Blocks of
  // twice that length, and the correction, keep what intervals promise (confidence_test.cc).
  Blocks blocks;
  blocks.length = std::clamp<int64_t>(std::llround(2 * best), 1, longest);
  blocks.hangs_together = std::llround(2 * best) >= longest;
  constexpr double kMostCorrection = 4;
  blocks.correction =
      std::clamp(1 + slope / spectrum / static_cast<double>(blocks.length), 1.0, kMostCorrection);
  return blocks;
}

// The same with the length that a caller insists on.
Blocks BlocksFor(std::span<const double> series, int64_t wanted_length) {
  if (wanted_length <= 0) return ChooseBlocks(series);
  return {std::min(wanted_length, static_cast<int64_t>(series.size())), 1};
}

// What the spread between blocks is worth. Of a series that hangs together no more than of three runs.
double DegreesOf(size_t n, const Blocks& blocks) {
  if (blocks.hangs_together) return 2;
  return std::max(1.0, CountOf(n, blocks.length) - 1);
}

// By how much deviations of resampled means are too small: there are few blocks, their spread is measured
// around a mean of their own, and neighbours have something in common.
double Stretch(size_t n, const Blocks& blocks, double confidence) {
  const double count = CountOf(n, blocks.length);
  const double p = (1 + confidence) / 2;
  return StudentQuantile(p, DegreesOf(n, blocks)) / NormalQuantile(p) *
         std::sqrt(count / std::max(1.0, count - 1) * blocks.correction);
}

// Means of blocks that are drawn until there are n elements; the last block is cut. Of influences, so around
// 0.
std::vector<double> DrawMeans(std::span<const double> series, int64_t length, const BootstrapConfig& config) {
  const CircularBlocks blocks(series, length);
  const auto n = static_cast<int64_t>(series.size());
  Rng rng = RandomStreams(config.seed).Stream("bootstrap");
  std::vector<double> means(static_cast<size_t>(config.resamples));
  for (double& mean : means) {
    double sum = 0;
    for (int64_t drawn = 0; drawn < n; drawn += length) {
      sum += blocks.Sum(static_cast<size_t>(rng.UniformInt(0, n - 1)), std::min(length, n - drawn));
    }
    mean = sum / static_cast<double>(n);
  }
  return means;
}

// How skewed the error is: of block sums, as the jackknife over blocks would find.
double Acceleration(std::span<const double> influence, int64_t length) {
  const CircularBlocks blocks(influence, length);
  double squares = 0;
  double cubes = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const double sum = blocks.Sum(i, length);
    squares += Square(sum);
    cubes += Square(sum) * sum;
  }
  if (squares <= 0) return 0;
  const auto n = static_cast<double>(blocks.size());
  const double skewness = (cubes / n) / std::pow(squares / n, 1.5);
  return skewness / (6 * std::sqrt(CountOf(blocks.size(), length)));
}

}  // namespace

int64_t ChooseBlockLength(std::span<const double> series) { return ChooseBlocks(series).length; }

std::optional<SeriesEstimate> EstimateRatio(std::span<const double> numerators,
                                            std::span<const double> denominators) {
  const auto influence = InfluenceOf(numerators, denominators);
  if (!influence) return std::nullopt;
  const std::span<const double> values = influence->values;
  const Blocks cut = ChooseBlocks(values);
  const int64_t length = cut.length;
  const CircularBlocks blocks(values, length);
  double squares = 0;
  for (size_t i = 0; i < values.size(); ++i) squares += Square(blocks.Sum(i, length));
  const auto n = static_cast<double>(values.size());
  const double count = CountOf(values.size(), length);
  // The variance that the circular block bootstrap has in the limit of many resamples, for few blocks.
  const double variance =
      squares / n / static_cast<double>(length) / n * (count / std::max(1.0, count - 1)) * cut.correction;
  double plain = 0;
  for (const double value : values) plain += Square(value);
  plain /= n * (n - 1);
  SeriesEstimate estimate;
  estimate.value = influence->ratio;
  estimate.n = static_cast<int64_t>(values.size());
  estimate.block_length = length;
  estimate.degrees_of_freedom = DegreesOf(values.size(), cut);
  // Neighbours that are less alike than strangers are no reason to claim more than independence would.
  estimate.standard_error = std::sqrt(std::max(variance, plain));
  estimate.effective_n = variance > plain && variance > 0 ? n * plain / variance : n;
  return estimate;
}

std::optional<SeriesEstimate> EstimateMean(std::span<const double> series) {
  return EstimateRatio(series, std::vector<double>(series.size(), 1.0));
}

std::optional<BootstrapInterval> BootstrapRatio(std::span<const double> numerators,
                                                std::span<const double> denominators,
                                                const BootstrapConfig& config, int64_t block_length) {
  const auto influence = InfluenceOf(numerators, denominators);
  if (!influence) return std::nullopt;
  const auto n = static_cast<int64_t>(numerators.size());
  const Blocks blocks = BlocksFor(influence->values, block_length);
  std::vector<double> deviations = DrawMeans(influence->values, blocks.length, config);
  std::sort(deviations.begin(), deviations.end());
  const auto below = std::lower_bound(deviations.begin(), deviations.end(), 0.0) - deviations.begin();
  const auto count = static_cast<double>(deviations.size());
  const double bias =
      NormalQuantile(std::clamp(static_cast<double>(below) / count, 1 / count, 1 - 1 / count));
  const double acceleration = Acceleration(influence->values, blocks.length);
  const double stretch = Stretch(numerators.size(), blocks, config.confidence);
  const auto end = [&](double p) {
    const double z = bias + NormalQuantile(p);
    const double level = NormalCdf(bias + z / std::max(0.1, 1 - acceleration * z));
    return influence->ratio + stretch * QuantileOfSorted(deviations, level);
  };
  const double tail = (1 - config.confidence) / 2;
  return BootstrapInterval{{end(tail), end(1 - tail)}, n, blocks.length};
}

std::optional<BootstrapInterval> BootstrapMean(std::span<const double> series, const BootstrapConfig& config,
                                               int64_t block_length) {
  return BootstrapRatio(series, std::vector<double>(series.size(), 1.0), config, block_length);
}

std::vector<double> BootstrapDraws(std::span<const double> series, const BootstrapConfig& config,
                                   int64_t block_length) {
  const auto influence = InfluenceOf(series, std::vector<double>(series.size(), 1.0));
  if (!influence) return {};
  const Blocks blocks = BlocksFor(influence->values, block_length);
  std::vector<double> draws = DrawMeans(influence->values, blocks.length, config);
  const double stretch = Stretch(series.size(), blocks, config.confidence);
  for (double& draw : draws) draw = influence->ratio + stretch * draw;
  return draws;
}

}  // namespace llmdyno
