#include "llmdyno/metrics/gap_histogram.h"

#include <cmath>

#include "llmdyno/base/random.h"
#include "llmdyno/metrics/distribution.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

TEST_CASE("A histogram without gaps has no mean and no percentile", "[metrics][gap_histogram]") {
  const GapHistogram nothing;
  CHECK_FALSE(nothing.Mean());
  CHECK_FALSE(nothing.Min());
  CHECK_FALSE(nothing.Max());
  CHECK_FALSE(nothing.Quantile(0.5));
}

TEST_CASE("Percentiles of gaps are within the stated relative error of the exact ones",
          "[metrics][gap_histogram]") {
  Rng rng(7);
  GapHistogram gaps;
  Distribution exact;
  for (int i = 0; i < 20'000; ++i) {
    // Spread over nine powers of ten: 2 us to 2000 s.
    const Duration gap = FromSeconds(2e-6 * std::pow(10, 9 * rng.UniformReal()));
    gaps.Add(gap);
    exact.Add(static_cast<double>(gap.count()));
  }
  for (const double p : {0.0, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    CAPTURE(p);
    CHECK(static_cast<double>(gaps.Quantile(p)->count()) ==
          Approx(*exact.Quantile(p)).epsilon(GapHistogram::kRelativeError));
  }
  CHECK(static_cast<double>(gaps.Mean()->count()) == Approx(*exact.Mean()).epsilon(1e-9));
}

TEST_CASE("The stated relative error is below one percent", "[metrics][gap_histogram]") {
  CHECK(GapHistogram::kRelativeError <= 0.01);
}

TEST_CASE("A gap to several tokens counts as that many equal gaps", "[metrics][gap_histogram]") {
  GapHistogram gaps;
  gaps.Add(40ms, 4);
  CHECK(gaps.n() == 4);
  CHECK(*gaps.Mean() == 10ms);
  CHECK(*gaps.Quantile(0.5) == 10ms);
}

TEST_CASE("The smallest, the largest and the mean gap are exact", "[metrics][gap_histogram]") {
  GapHistogram gaps;
  gaps.Add(1234567ns);
  gaps.Add(7654321ns);
  CHECK(*gaps.Min() == 1234567ns);
  CHECK(*gaps.Max() == 7654321ns);
  CHECK(*gaps.Mean() == 4444444ns);
  CHECK(*gaps.Quantile(0) == 1234567ns);
  CHECK(*gaps.Quantile(1) == 7654321ns);
}

TEST_CASE("Gaps outside the range are counted and keep their extremes", "[metrics][gap_histogram]") {
  GapHistogram gaps;
  gaps.Add(0ns);
  gaps.Add(500ns);
  gaps.Add(-3ns);  // two stamps a hair out of order
  gaps.Add(5h);
  CHECK(gaps.n() == 4);
  CHECK(*gaps.Min() == 0ns);
  CHECK(*gaps.Max() == 5h);
  CHECK(*gaps.Quantile(0.25) <= 1us);
}

TEST_CASE("Every value from a microsecond to an hour falls into a bin that holds it",
          "[metrics][gap_histogram]") {
  // Walks over all powers of two and the values beside them, where an index could be off by one.
  for (int64_t ns = 1024; ns <= Duration(1h).count(); ns *= 2) {
    for (const int64_t value : {ns - 1, ns, ns + 1}) {
      GapHistogram gaps;
      gaps.Add(3 * Duration(value), 3);
      gaps.Add(Duration(value / 2));
      gaps.Add(Duration(value * 2));
      CAPTURE(value);
      CHECK(static_cast<double>(gaps.Quantile(0.5)->count()) ==
            Approx(static_cast<double>(value)).epsilon(GapHistogram::kRelativeError));
    }
  }
}

TEST_CASE("Merging two histograms is the same as having added all gaps to one", "[metrics][gap_histogram]") {
  GapHistogram left;
  GapHistogram right;
  GapHistogram both;
  for (int i = 1; i <= 100; ++i) {
    (i % 3 == 0 ? left : right).Add(i * 1ms, i);
    both.Add(i * 1ms, i);
  }
  left.Merge(right);
  left.Merge(GapHistogram());
  CHECK(left.n() == both.n());
  CHECK(left.Mean() == both.Mean());
  CHECK(left.Min() == both.Min());
  CHECK(left.Max() == both.Max());
  CHECK(left.Quantile(0.9) == both.Quantile(0.9));
}

TEST_CASE("p99 of gaps is thin below a hundred", "[metrics][gap_histogram]") {
  GapHistogram gaps;
  gaps.Add(99ms, 99);
  CHECK(gaps.IsThin(0.99));
  gaps.Add(1ms);
  CHECK_FALSE(gaps.IsThin(0.99));
}
