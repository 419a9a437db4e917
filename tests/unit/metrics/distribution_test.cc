#include "llmdyno/metrics/distribution.h"

#include <cmath>

#include "support/catch.h"

using namespace llmdyno;

namespace {

Distribution Of(std::initializer_list<double> values) {
  Distribution distribution;
  for (const double value : values) distribution.Add(value);
  return distribution;
}

Distribution OneTo(int n) {
  Distribution distribution;
  for (int i = n; i >= 1; --i) distribution.Add(i);
  return distribution;
}

}  // namespace

TEST_CASE("A distribution without samples has no mean, no spread and no percentile",
          "[metrics][distribution]") {
  const Distribution nothing;
  CHECK(nothing.n() == 0);
  CHECK_FALSE(nothing.Mean());
  CHECK_FALSE(nothing.StandardDeviation());
  CHECK_FALSE(nothing.Min());
  CHECK_FALSE(nothing.Max());
  CHECK_FALSE(nothing.Quantile(0.5));
  CHECK_FALSE(nothing.QuantileInterval(0.5));
}

TEST_CASE("One sample is its own mean and every percentile, and has no standard deviation",
          "[metrics][distribution]") {
  const Distribution one = Of({7});
  CHECK(one.Mean() == 7.0);
  CHECK_FALSE(one.StandardDeviation());
  CHECK(one.Quantile(0) == 7.0);
  CHECK(one.Quantile(0.99) == 7.0);
}

TEST_CASE("Percentiles interpolate between neighbours as numpy does", "[metrics][distribution]") {
  // Ranks (n - 1) * p of 10, 20, 30, 40: p50 at 1.5 -> 25, p90 at 2.7 -> 37, p25 at 0.75 -> 17.5.
  const Distribution four = Of({40, 10, 30, 20});
  CHECK(*four.Quantile(0.5) == Approx(25));
  CHECK(*four.Quantile(0.9) == Approx(37));
  CHECK(*four.Quantile(0.25) == Approx(17.5));
  CHECK(four.Quantile(0) == 10.0);
  CHECK(four.Quantile(1) == 40.0);
  CHECK(four.Quantile(2) == 40.0);
}

TEST_CASE("The standard deviation is that of a sample", "[metrics][distribution]") {
  // Mean 5; squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32; 32 / 7.
  CHECK(*Of({2, 4, 4, 4, 5, 5, 7, 9}).StandardDeviation() == Approx(std::sqrt(32.0 / 7)));
}

TEST_CASE("A small spread around a large mean keeps its digits", "[metrics][distribution]") {
  CHECK(*Of({1e9 + 1, 1e9 + 2, 1e9 + 3}).StandardDeviation() == Approx(1).epsilon(1e-9));
}

TEST_CASE("Sorting changes no number", "[metrics][distribution]") {
  Distribution values = Of({3, 1, 2});
  const auto before = values.Quantile(0.4);
  values.Sort();
  CHECK(values.Quantile(0.4) == before);
  CHECK(values.Mean() == 2.0);
  values.Add(0);
  CHECK(values.Quantile(0) == 0.0);
}

TEST_CASE("Merging two distributions is the same as having added all samples to one",
          "[metrics][distribution]") {
  Distribution left = Of({1, 5});
  left.Merge(Of({3}));
  CHECK(left.n() == 3);
  CHECK(left.Quantile(0.5) == 3.0);
  left.Merge(left);
  CHECK(left.n() == 6);
}

TEST_CASE("A percentile is thin when less than one sample is expected beyond it", "[metrics][distribution]") {
  CHECK(OneTo(99).IsThin(0.99));
  CHECK_FALSE(OneTo(100).IsThin(0.99));
  CHECK(OneTo(19).IsThin(0.95));
  CHECK_FALSE(OneTo(20).IsThin(0.95));
  CHECK(OneTo(9).IsThin(0.90));
  CHECK_FALSE(OneTo(10).IsThin(0.90));
  CHECK(OneTo(1).IsThin(0.50));
  CHECK_FALSE(OneTo(2).IsThin(0.50));
}

TEST_CASE("The interval of a percentile is made of order statistics around it", "[metrics][distribution]") {
  // B is binomial(100, 0.5): P(B < 40) = 0.018 and P(B < 41) = 0.028, so rank 40; mirrored, rank 61.
  CHECK(OneTo(100).QuantileInterval(0.5) == Interval{40, 61});
  // P(B >= 100) = 0.99^100 = 0.37: even the largest of 100 may lie below p99.
  CHECK_FALSE(OneTo(100).QuantileInterval(0.99));
  // n = 1000: of the samples beyond p99, 10 in the mean, P(at least 18) = 0.014 and P(at most 3) = 0.010.
  CHECK(OneTo(1000).QuantileInterval(0.99) == Interval{983, 997});
}

TEST_CASE("The interval of a mean knows the order in which samples came", "[metrics][distribution]") {
  // The same values, once in the order of a slow wave and once shuffled by a stride: neighbours that are
  // alike are worth less.
  Distribution wave;
  Distribution mixed;
  for (int i = 0; i < 1000; ++i) {
    wave.Add(100 + 10 * std::sin(i / 30.0));
    mixed.Add(100 + 10 * std::sin(((i * 387) % 1000) / 30.0));
  }
  const auto width = [](const Interval& interval) { return interval.high - interval.low; };
  REQUIRE(wave.MeanInterval());
  CHECK(width(*wave.MeanInterval()) > 2 * width(*mixed.MeanInterval()));
  const Interval before = *wave.MeanInterval();
  wave.Sort();
  CHECK(wave.MeanInterval() == before);
}

TEST_CASE("A few samples have the interval of Student, one has none", "[metrics][distribution]") {
  CHECK_FALSE(Of({5}).MeanInterval());
  // Mean 2, standard deviation 1, t(2) = 4.3027: 2 -+ 4.3027 / sqrt(3).
  const auto three = Of({1, 2, 3}).MeanInterval();
  REQUIRE(three);
  CHECK(three->low == Approx(2 - 4.30265 / std::sqrt(3.0)).epsilon(1e-4));
  CHECK(three->high == Approx(2 + 4.30265 / std::sqrt(3.0)).epsilon(1e-4));
}

TEST_CASE("Merging with what has been sorted forgets the order", "[metrics][distribution]") {
  Distribution sorted = Of({3, 1, 2});
  sorted.Sort();
  Distribution all = Of({4, 5});
  all.Merge(sorted);
  CHECK_FALSE(all.MeanInterval());
}
