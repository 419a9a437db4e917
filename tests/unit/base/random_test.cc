#include "llmdyno/base/random.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

// Reference values: the algorithms of Blackman and Vigna (https://prng.di.unimi.it) computed apart from this
// code, in Python's integers. The first output for seed 0 is the one that other libraries document as well.
TEST_CASE("Rng is xoshiro256** seeded through splitmix64", "[base][random]") {
  struct Reference {
    uint64_t seed;
    std::vector<uint64_t> first;
    uint64_t thousandth;
  };
  const std::vector<Reference> references = {
      {0,
       {0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0, 0x6aa594f1262d2d2c},
       0x7aac8c483a2edd2f},
      {42,
       {0x15780b2e0c2ec716, 0x6104d9866d113a7e, 0xae17533239e499a1, 0xecb8ad4703b360a1},
       0x8de5848c61ab8968},
      {UINT64_MAX,
       {0x8f5520d52a7ead08, 0xc476a018caa1802d, 0x81de31c0d260469e, 0xbf658d7e065f3c2f},
       0xc3c93ea5cde434cc}};
  for (const Reference& reference : references) {
    Rng rng(reference.seed);
    std::vector<uint64_t> drawn(1000);
    std::generate(drawn.begin(), drawn.end(), [&] { return rng.Next(); });
    CHECK(std::vector<uint64_t>(drawn.begin(), drawn.begin() + 4) == reference.first);
    CHECK(drawn.back() == reference.thousandth);
  }
}

TEST_CASE("A copied Rng goes on with the same sequence", "[base][random]") {
  Rng rng(5);
  rng.Next();
  Rng copy = rng;
  for (int i = 0; i < 10; ++i) CHECK(rng.Next() == copy.Next());
}

struct Moments {
  double mean = 0;
  double variance = 0;
  double min = 0;
  double max = 0;
};

template <typename Draw>
Moments MomentsOf(int n, Draw draw) {
  std::vector<double> values(static_cast<size_t>(n));
  std::generate(values.begin(), values.end(), draw);
  Moments moments;
  moments.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  for (const double value : values)
    moments.variance += (value - moments.mean) * (value - moments.mean) / (n - 1);
  moments.min = *std::min_element(values.begin(), values.end());
  moments.max = *std::max_element(values.begin(), values.end());
  return moments;
}

// With 200,000 draws the standard error of a mean is sigma / 447; the margins are about five of them.
constexpr int kDraws = 200'000;

TEST_CASE("UniformReal fills the range from 0 to below 1 evenly", "[base][random]") {
  Rng rng(1);
  const Moments moments = MomentsOf(kDraws, [&] { return rng.UniformReal(); });
  CHECK(moments.mean == Approx(0.5).margin(0.0035));  // sigma = sqrt(1/12) = 0.289
  CHECK(moments.variance == Approx(1.0 / 12).margin(0.001));
  CHECK(moments.min >= 0);
  CHECK(moments.min < 0.001);
  CHECK(moments.max < 1);
  CHECK(moments.max > 0.999);
}

TEST_CASE("UniformInt gives each value of its range equally often, ends included", "[base][random]") {
  Rng rng(2);
  std::map<int64_t, int> counts;
  for (int i = 0; i < kDraws; ++i) ++counts[rng.UniformInt(-2, 4)];
  REQUIRE(counts.size() == 7);
  CHECK(counts.begin()->first == -2);
  CHECK(counts.rbegin()->first == 4);
  // Expected 28,571 each with a standard deviation of sqrt(n p (1-p)) = 156.
  for (const auto& [value, count] : counts) CHECK(std::abs(count - kDraws / 7) < 800);
}

TEST_CASE("UniformInt manages ranges of one value and of all values", "[base][random]") {
  Rng rng(3);
  for (int i = 0; i < 100; ++i) CHECK(rng.UniformInt(7, 7) == 7);
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 100; ++i) {
    const int64_t value = rng.UniformInt(INT64_MIN, INT64_MAX);
    negative = negative || value < 0;
    positive = positive || value > 0;
  }
  CHECK(negative);
  CHECK(positive);
  for (int i = 0; i < 100; ++i) CHECK(rng.UniformInt(INT64_MIN, INT64_MIN + 1) <= INT64_MIN + 1);
}

TEST_CASE("Chance comes true as often as it says", "[base][random]") {
  Rng rng(4);
  CHECK(MomentsOf(kDraws, [&] { return rng.Chance(0.2) ? 1.0 : 0.0; }).mean == Approx(0.2).margin(0.005));
  for (int i = 0; i < 1000; ++i) {
    REQUIRE_FALSE(rng.Chance(0));
    REQUIRE(rng.Chance(1));
  }
}

TEST_CASE("Exponential has the mean asked for and a variance of its square", "[base][random]") {
  Rng rng(5);
  const Moments moments = MomentsOf(kDraws, [&] { return rng.Exponential(3); });
  CHECK(moments.mean == Approx(3).margin(0.035));     // sigma = 3
  CHECK(moments.variance == Approx(9).margin(0.35));  // of the variance: 9 * sqrt(8 / n) = 0.057
  CHECK(moments.min >= 0);
  CHECK(std::isfinite(moments.max));
}

TEST_CASE("Normal has the mean and deviation asked for", "[base][random]") {
  Rng rng(6);
  const Moments moments = MomentsOf(kDraws, [&] { return rng.Normal(10, 2); });
  CHECK(moments.mean == Approx(10).margin(0.025));
  CHECK(moments.variance == Approx(4).margin(0.07));
  Rng constant(7);
  CHECK(constant.Normal(5, 0) == 5);
}

TEST_CASE("A stream depends on the run's seed and the concern's name only", "[base][random]") {
  const RandomStreams streams(7);
  CHECK(streams.seed() == 7);
  CHECK(streams.Stream("prompts").Next() == 0x325a89ac79985272);  // computed apart, like the values above
  Rng arrivals = streams.Stream("arrivals");
  for (int i = 0; i < 100; ++i) arrivals.Next();
  CHECK(streams.Stream("prompts").Next() == 0x325a89ac79985272);
}

TEST_CASE("Streams of other concerns and other seeds have nothing in common", "[base][random]") {
  std::set<uint64_t> values;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    for (const char* concern : {"arrivals", "prompts", "order", "shapes", "", "a", "b"}) {
      Rng rng = RandomStreams(seed).Stream(concern);
      for (int i = 0; i < 10; ++i) values.insert(rng.Next());
    }
  }
  CHECK(values.size() == 100 * 7 * 10);  // a single collision among 7,000 draws of 64 bits would be a wonder

  // Correlation of two concerns' uniform draws: zero, give or take 1 / sqrt(n) = 0.0022.
  Rng a = RandomStreams(1).Stream("arrivals");
  Rng b = RandomStreams(1).Stream("prompts");
  CHECK(MomentsOf(kDraws, [&] { return 12 * (a.UniformReal() - 0.5) * (b.UniformReal() - 0.5); }).mean ==
        Approx(0).margin(0.012));
}

TEST_CASE("Shuffle keeps every item and makes every order equally likely", "[base][random]") {
  Rng rng(8);
  std::map<std::vector<int>, int> orders;
  constexpr int kShuffles = 60'000;
  for (int i = 0; i < kShuffles; ++i) {
    std::vector<int> items = {1, 2, 3};
    Shuffle(items, rng);
    ++orders[items];
  }
  REQUIRE(orders.size() == 6);
  for (const auto& [order, count] : orders) CHECK(std::abs(count - kShuffles / 6) < 500);  // deviation is 91

  std::vector<int> none;
  Shuffle(none, rng);
  CHECK(none.empty());
}

}  // namespace
}  // namespace llmdyno
