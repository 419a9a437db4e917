#include "llmdyno/metrics/two_samples.h"

#include <cmath>
#include <functional>

#include "llmdyno/base/random.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Samples = std::vector<double>;

// Latencies of one run in the order in which its requests were sent: skewed, and alike for a while, as those
// of requests that share a queue are.
Samples Latencies(int n, double scale, double phi, Rng& rng) {
  Samples samples;
  double queue = rng.Normal(0, 1);
  for (int i = 0; i < n; ++i) {
    queue = phi * queue + std::sqrt(1 - phi * phi) * rng.Normal(0, 1);
    samples.push_back(scale * std::exp(0.1 * queue + 0.05 * rng.Normal(0, 1)));
  }
  return samples;
}

using Test = std::function<Difference(const Samples&, const Samples&)>;

// The share of pairs of runs that a test calls different at 5 %, where B is `factor` times as slow as A.
double CalledDifferent(const Test& test, double factor, int pairs = 400) {
  constexpr int kRequests = 600;
  constexpr double kAlike = 0.8;
  int called = 0;
  for (int i = 0; i < pairs; ++i) {
    Rng of_a(static_cast<uint64_t>(2 * i) + 1);
    Rng of_b(static_cast<uint64_t>(2 * i) + 2'000'000);
    const Difference difference =
        test(Latencies(kRequests, 100, kAlike, of_a), Latencies(kRequests, 100 * factor, kAlike, of_b));
    // Where a percentile has no interval nothing is called anything.
    called += difference.p_value && *difference.p_value <= 0.05 ? 1 : 0;
  }
  return static_cast<double>(called) / pairs;
}

const Samples& Ones() {
  static const Samples ones(600, 1.0);
  return ones;
}
Difference OfMeans(const Samples& a, const Samples& b) { return CompareMeans({a, Ones()}, {b, Ones()}); }
Difference OfMedians(const Samples& a, const Samples& b) { return CompareQuantiles(a, b, 0.5); }
Difference OfP90(const Samples& a, const Samples& b) { return CompareQuantiles(a, b, 0.9); }
Difference OfRates(const Samples& a, const Samples& b) {
  double sum_a = 0;
  double sum_b = 0;
  for (const double value : a) sum_a += value;
  for (const double value : b) sum_b += value;
  return CompareRates(sum_a / 600, a, sum_b / 600, b, {.resamples = 400});
}

// 5 %, and three standard errors of 400 pairs: 0.05 + 3 * sqrt(0.05 * 0.95 / 400).
constexpr double kAlarmLimit = 0.083;

}  // namespace

TEST_CASE("Two runs of the same thing are seldom called different, though requests are alike",
          "[metrics][two_samples]") {
  CHECK(CalledDifferent(OfMeans, 1) <= kAlarmLimit);
  CHECK(CalledDifferent(OfMedians, 1) <= kAlarmLimit);
  CHECK(CalledDifferent(OfP90, 1) <= kAlarmLimit);
  CHECK(CalledDifferent(CompareRanks, 1) <= kAlarmLimit);
  CHECK(CalledDifferent(OfRates, 1, 200) <= 0.1);
  // What a test of independent samples makes of it.
  const Test naive = [](const Samples& a, const Samples& b) {
    Samples mixed_a;
    Samples mixed_b;
    for (size_t i = 0; i < a.size(); ++i) {
      mixed_a.push_back(a[i * 241 % a.size()]);
      mixed_b.push_back(b[i * 241 % b.size()]);
    }
    return OfMeans(mixed_a, mixed_b);
  };
  CHECK(CalledDifferent(naive, 1) > 0.2);
}

TEST_CASE("A difference of 5 % is found", "[metrics][two_samples]") {
  CHECK(CalledDifferent(OfMeans, 1.05, 200) > 0.6);
  CHECK(CalledDifferent(OfMedians, 1.05, 200) > 0.5);
  CHECK(CalledDifferent(OfP90, 1.1, 200) > 0.5);
  CHECK(CalledDifferent(CompareRanks, 1.05, 200) > 0.6);
  CHECK(CalledDifferent(OfRates, 1.05, 200) > 0.6);
}

TEST_CASE("Pairing the same requests finds what their lengths hide", "[metrics][two_samples]") {
  // Lengths that differ twentyfold, the same in both runs; B takes 1 % longer for each.
  Rng rng(1);
  Samples a;
  Samples b;
  for (int i = 0; i < 600; ++i) {
    const double length = 50 * std::exp(rng.Normal(0, 1));
    a.push_back(length * rng.Normal(1, 0.01));
    b.push_back(1.01 * length * rng.Normal(1, 0.01));
  }
  CHECK(*OfMeans(a, b).p_value > 0.05);
  const Difference paired = ComparePairedMeans({a, Ones()}, {b, Ones()});
  CHECK(paired.test == TwoSampleTest::kPaired);
  CHECK(*paired.p_value < 0.001);
  CHECK(*paired.percent == Approx(1).margin(0.3));
  CHECK(*paired.detectable_percent < 0.5);
}

TEST_CASE("What a sample could have shown is the difference that four of five would show",
          "[metrics][two_samples]") {
  double detectable = 0;
  for (int i = 0; i < 100; ++i) {
    Rng rng(static_cast<uint64_t>(i));
    const Samples a = Latencies(600, 100, 0.8, rng);
    detectable += *OfMeans(a, Latencies(600, 100, 0.8, rng)).detectable_percent / 100;
  }
  CHECK(CalledDifferent(OfMeans, 1 + detectable / 100) == Approx(0.8).margin(0.1));
}

TEST_CASE("A percentile without an interval is not tested", "[metrics][two_samples]") {
  Rng rng(1);
  const Difference p99 = CompareQuantiles(Latencies(60, 100, 0, rng), Latencies(60, 100, 0, rng), 0.99);
  CHECK_FALSE(p99.p_value);
  CHECK(p99.test == TwoSampleTest::kNone);
  CHECK(p99.percent);
}

TEST_CASE("Shares of failures are compared by Fisher's exact test and Newcombe's interval",
          "[metrics][two_samples]") {
  // Newcombe (1998), method 10: 56/70 and 48/80 differ by 0.2 with 0.0524 to 0.3339; here B - A.
  const auto shares = [](int yes, int n) {
    Samples samples;
    // Spread evenly, so that neighbours are not alike.
    for (int i = 0; i < n; ++i) samples.push_back((i + 1) * yes / n - i * yes / n);
    return samples;
  };
  const Difference difference = CompareShares(shares(48, 80), shares(56, 70));
  CHECK(difference.absolute == Approx(0.2));
  CHECK(difference.absolute_ci95->low == Approx(0.0524).margin(1e-3));
  CHECK(difference.absolute_ci95->high == Approx(0.3339).margin(1e-3));
  CHECK(*difference.p_value == Approx(0.0125).margin(0.002));
  CHECK_FALSE(difference.percent);
  CHECK(*CompareShares(Samples(50, 0.0), Samples(60, 0.0)).p_value == Approx(1));
}

TEST_CASE("Failures in one burst count for less than as many alone", "[metrics][two_samples]") {
  Samples burst(400, 0.0);
  Samples alone(400, 0.0);
  for (size_t i = 0; i < 20; ++i) burst[100 + i] = alone[20 * i] = 1;
  const Samples none(400, 0.0);
  CHECK(*CompareShares(none, burst).p_value > 0.02);
  CHECK(*CompareShares(none, alone).p_value < 0.001);
}

TEST_CASE("Runs are compared by Welch's t on one value each", "[metrics][two_samples]") {
  // Means 11 and 14, variances 1 and 1, n = 3: t = 3 / sqrt(2 / 3) = 3.674 with 4 degrees: p = 0.0213.
  const Difference difference = CompareRuns(Samples{10, 11, 12}, Samples{13, 14, 15});
  CHECK(difference.test == TwoSampleTest::kBetweenRuns);
  CHECK(*difference.p_value == Approx(0.0213).margin(1e-4));
  CHECK_FALSE(CompareRuns(Samples{10}, Samples{13, 14}).p_value);
}

TEST_CASE("Clusters of values count as one", "[metrics][two_samples]") {
  // 100 requests of 50 gaps each, which are all the same within a request.
  std::vector<float> values;
  std::vector<float> weights;
  std::vector<size_t> ends;
  Rng rng(4);
  for (int i = 0; i < 100; ++i) {
    values.insert(values.end(), 50, static_cast<float>(rng.Exponential(10)));
    weights.insert(weights.end(), 50, 1.0F);
    ends.push_back(values.size());
  }
  const ClusteredValues gaps{values, weights, ends};
  const Difference difference = CompareClusteredQuantiles(gaps, gaps, 0.5);
  CHECK(difference.absolute == 0);
  CHECK(*difference.effective_a < 130);
  CHECK(*difference.p_value > 0.9);
}

TEST_CASE("Stored intervals give the p-value of their normal law", "[metrics][two_samples]") {
  // Both ends 1.96 errors of 1 off: the difference of 2.772 is 1.96 of its errors.
  const double z = 1.959964;
  const Difference difference =
      CompareStored(100, {100 - z, 100 + z}, 100 + z * std::sqrt(2.0),
                    {100 + z * (std::sqrt(2.0) - 1), 100 + z * (std::sqrt(2.0) + 1)});
  CHECK(*difference.p_value == Approx(0.05).margin(0.001));
  CHECK(difference.absolute_ci95->low == Approx(0).margin(1e-6));
}

TEST_CASE("Holm's correction multiplies the smallest by all, the next by the rest",
          "[metrics][two_samples]") {
  const std::vector<double> corrected = CorrectedByHolm(Samples{0.01, 0.04, 0.03});
  CHECK(corrected[0] == Approx(0.03));
  CHECK(corrected[1] == Approx(0.06));  // never below the one before it
  CHECK(corrected[2] == Approx(0.06));
  CHECK(CorrectedByHolm({}).empty());
}
