#include "llmdyno/metrics/confidence.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "llmdyno/base/random.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Samples = std::vector<double>;

Samples Draw(int n, Rng& rng, const std::function<double(Rng&)>& one) {
  Samples samples;
  for (int i = 0; i < n; ++i) samples.push_back(one(rng));
  return samples;
}

double Exponential(Rng& rng) { return rng.Exponential(10); }
double Lognormal(Rng& rng) { return 10 * std::exp(rng.Normal(0, 0.5)); }
// A cache that hits or misses: means 10 and 50, three of ten the slow one.
double Bimodal(Rng& rng) { return rng.Normal(rng.Chance(0.3) ? 50 : 10, 2); }

// Neighbours have the correlation `phi`; mean 100.
Samples Correlated(int n, double phi, Rng& rng) {
  double state = rng.Normal(0, 1 / std::sqrt(1 - phi * phi));
  return Draw(n, rng, [&](Rng& chance) {
    state = phi * state + chance.Normal(0, 1);
    return 100 + state;
  });
}

// The share of seeded draws in which the interval holds the truth.
double Coverage(int draws, double truth, const std::function<Interval(Rng&, uint64_t seed)>& interval_of) {
  int hits = 0;
  for (int i = 0; i < draws; ++i) {
    Rng rng(static_cast<uint64_t>(i) + 1000);
    const Interval interval = interval_of(rng, static_cast<uint64_t>(i));
    hits += interval.low <= truth && truth <= interval.high ? 1 : 0;
  }
  return static_cast<double>(hits) / draws;
}

void CheckIsNear95(double coverage) {
  CHECK(coverage >= 0.93);
  CHECK(coverage <= 0.97);
}

double CoverageOfMean(double truth, double (*one)(Rng&)) {
  return Coverage(2000, truth, [&](Rng& rng, uint64_t seed) {
    return BootstrapMean(Draw(200, rng, one), {.resamples = 400, .seed = seed})->interval;
  });
}

// How often the interval of p99 of n samples holds the true one, and how often that was promised.
void CheckQuantile(int n, double p, double truth, double (*one)(Rng&)) {
  CAPTURE(n, p);
  double promised = 0;
  const double coverage = Coverage(3000, truth, [&](Rng& rng, uint64_t) {
    Samples samples = Draw(n, rng, one);
    std::sort(samples.begin(), samples.end());
    const QuantileBounds bounds = BoundQuantile(samples, p);
    promised = bounds.confidence;
    REQUIRE(bounds.low);
    REQUIRE(bounds.high);
    return Interval{*bounds.low, *bounds.high};
  });
  CHECK(promised >= 0.95);
  CHECK(promised <= 0.98);
  CHECK(coverage == Approx(promised).margin(0.012));  // three standard errors of 3000 draws
}

}  // namespace

TEST_CASE("Intervals of percentiles cover what they promise", "[metrics][confidence]") {
  CheckQuantile(100, 0.5, 10 * std::log(2.0), Exponential);
  CheckQuantile(400, 0.9, 10 * std::log(10.0), Exponential);
  CheckQuantile(1000, 0.99, 10 * std::log(100.0), Exponential);
  CheckQuantile(300, 0.5, 10, Lognormal);
}

TEST_CASE("A percentile of too few samples has one end or none", "[metrics][confidence]") {
  const Samples hundred = [] {
    Samples samples;
    for (int i = 1; i <= 100; ++i) samples.push_back(i);
    return samples;
  }();
  const QuantileBounds p99 = BoundQuantile(hundred, 0.99);
  REQUIRE(p99.low);
  CHECK_FALSE(p99.high);
  // Of binomial(100, 0.99): P(B < 97) = P(4 or more beyond) = 0.018, P(B < 98) = 0.079.
  CHECK(*p99.low == 97);
  CHECK(p99.confidence == Approx(1 - 0.01837).margin(1e-4));
  const QuantileBounds of_two = BoundQuantile(std::span(hundred).first(2), 0.5);
  CHECK_FALSE(of_two.low);
  CHECK_FALSE(of_two.high);
  CHECK(of_two.confidence == 0);
  CHECK_FALSE(BoundQuantile({}, 0.5).low);
}

TEST_CASE("Ranks of a million samples are found at once and are those of the normal law",
          "[metrics][confidence]") {
  Samples samples;
  for (int i = 1; i <= 1'000'000; ++i) samples.push_back(i);
  const QuantileBounds median = BoundQuantile(samples, 0.5);
  // 500,000 -+ 1.96 * 500, and half a rank for whole numbers.
  CHECK(*median.low == Approx(500'000 - 980).margin(2));
  CHECK(*median.high == Approx(500'000 + 981).margin(2));
  CHECK(median.confidence == Approx(0.95).margin(2e-4));
}

TEST_CASE("Bootstrapped means cover 95 % for skewed and for two-peaked samples", "[metrics][confidence]") {
  CheckIsNear95(CoverageOfMean(10, Exponential));
  CheckIsNear95(CoverageOfMean(10 * std::exp(0.125), Lognormal));
  CheckIsNear95(CoverageOfMean(0.3 * 50 + 0.7 * 10, Bimodal));
}

TEST_CASE("Blocks keep the promise for correlated seconds, where the naive bootstrap breaks it",
          "[metrics][confidence]") {
  // 600 seconds that are alike over about ten of them.
  const auto of_blocks = [](int64_t length) {
    return Coverage(1000, 100, [&](Rng& rng, uint64_t seed) {
      return BootstrapMean(Correlated(600, 0.8, rng), {.resamples = 400, .seed = seed}, length)->interval;
    });
  };
  CheckIsNear95(of_blocks(0));
  CHECK(of_blocks(1) < 0.6);
}

TEST_CASE("The length of blocks follows how long neighbours are alike", "[metrics][confidence]") {
  Rng rng(7);
  const int64_t independent = ChooseBlockLength(Draw(1000, rng, Exponential));
  const int64_t alike = ChooseBlockLength(Correlated(1000, 0.6, rng));
  const int64_t very_alike = ChooseBlockLength(Correlated(1000, 0.9, rng));
  CHECK(independent <= 3);
  CHECK(alike > 8);
  CHECK(very_alike > alike);
  CHECK(very_alike <= 200);  // a fifth
  CHECK(ChooseBlockLength(Samples(50, 3.0)) == 1);
}

TEST_CASE("A rate is a ratio of sums, not a mean of ratios", "[metrics][confidence]") {
  Samples tokens;
  Samples seconds;
  for (int i = 0; i < 40; ++i) {
    tokens.push_back(i % 2 == 0 ? 100 : 10);
    seconds.push_back(i % 2 == 0 ? 10 : 0.1);
  }
  // 20 * 110 tokens in 20 * 10.1 s; the mean of the ratios would be 55.
  const auto estimate = EstimateRatio(tokens, seconds);
  REQUIRE(estimate);
  CHECK(estimate->value == Approx(2200 / 202.0));
  CHECK_FALSE(EstimateRatio(tokens, Samples(40, 0.0)));
  CHECK_FALSE(EstimateMean(Samples(7, 1.0)));
}

TEST_CASE("The same seed gives the same interval, and another one another", "[metrics][confidence]") {
  Rng rng(3);
  const Samples samples = Draw(100, rng, Exponential);
  const auto first = BootstrapMean(samples, {.seed = 5});
  CHECK(first->interval == BootstrapMean(samples, {.seed = 5})->interval);
  CHECK_FALSE(first->interval == BootstrapMean(samples, {.seed = 6})->interval);
}

TEST_CASE("The spread over runs tells what is within one from what is between them",
          "[metrics][confidence]") {
  // Two runs of two: means 2 and 6, within variance 2 each; MSB = 2 * ((2-4)^2 + (6-4)^2) / 1 = 16, so
  // between = (16 - 2) / 2 = 7 and the share is 7 / 9.
  const std::vector<Samples> runs = {{1, 3}, {5, 7}};
  const auto spread = SpreadOverRuns(runs);
  REQUIRE(spread);
  CHECK(spread->runs == 2);
  CHECK(spread->samples == 4);
  CHECK(spread->mean == 4);
  CHECK(spread->run_standard_deviation == Approx(std::sqrt(8.0)));
  CHECK(*spread->within_standard_deviation == Approx(std::sqrt(2.0)));
  CHECK(*spread->between_standard_deviation == Approx(std::sqrt(7.0)));
  CHECK(*spread->intraclass_share == Approx(7.0 / 9));
  // t(1) = 12.706 times sqrt(8 / 2).
  CHECK(spread->mean_ci95.high == Approx(4 + 12.7062 * 2).epsilon(1e-4));
}

TEST_CASE("Runs that differ by no more than chance have nothing between them", "[metrics][confidence]") {
  const std::vector<Samples> runs = {{1, 9, 5}, {2, 8, 5}, {}};
  const auto spread = SpreadOverRuns(runs);
  REQUIRE(spread);
  CHECK(spread->runs == 2);
  CHECK(*spread->between_standard_deviation == 0);
  CHECK_FALSE(SpreadOverRuns(std::vector<Samples>{{1, 2, 3}}));
}

TEST_CASE("One value per run has a spread between runs and none within", "[metrics][confidence]") {
  const auto spread = SpreadOfValues(Samples{10, 12, 11});
  REQUIRE(spread);
  CHECK(spread->run_standard_deviation == Approx(1));
  CHECK_FALSE(spread->within_standard_deviation);
  CHECK_FALSE(SpreadOfValues(Samples{10}));
}
