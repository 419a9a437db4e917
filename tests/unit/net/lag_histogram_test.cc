#include "net/lag_histogram.h"

#include <algorithm>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("An empty lag histogram says zero", "[lag_histogram]") {
  const LagHistogram lags;
  CHECK(lags.Quantile(0.5) == Duration::zero());
  CHECK(lags.max() == Duration::zero());
}

TEST_CASE("Quantiles are never too low and at most an eighth too high", "[lag_histogram]") {
  Rng rng(3);
  LagHistogram lags;
  std::vector<int64_t> exact;
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<int64_t>(rng.Exponential(1e6) * (rng.Chance(0.01) ? 1000 : 1));
    exact.push_back(value);
    lags.Add(Duration(value));
  }
  std::sort(exact.begin(), exact.end());
  for (const double p : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const int64_t truth = exact[static_cast<size_t>(p * static_cast<double>(exact.size() - 1))];
    const int64_t told = lags.Quantile(p).count();
    CHECK(told >= truth);
    CHECK(told <= truth + truth / 8 + 1);
  }
  CHECK(lags.max().count() == exact.back());
  CHECK(lags.Quantile(1.0) == lags.max());
}

TEST_CASE("Lags of any size find a place, and none is below zero", "[lag_histogram]") {
  for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{7}, int64_t{8}, int64_t{9}, int64_t{1} << 40,
                              int64_t{1} << 62, INT64_MAX}) {
    LagHistogram lags;
    lags.Add(Duration(value));
    CHECK(lags.Quantile(0.5) == Duration(value));  // the bucket's edge, but never above the largest
    CHECK(lags.max() == Duration(value));
  }
  LagHistogram negative;
  negative.Add(Duration(-5));
  CHECK(negative.Quantile(0.5) == Duration::zero());
  CHECK(negative.max() == Duration::zero());
}
