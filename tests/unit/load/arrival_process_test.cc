#include "llmdyno/load/arrival_process.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "load/gamma_gap.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;
using Maker = absl::StatusOr<std::unique_ptr<ArrivalProcess>>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<Duration> All(Maker made) {
  REQUIRE(made.ok());
  std::vector<Duration> offsets;
  while (const auto offset = (*made)->Next()) offsets.push_back(*offset);
  CHECK_FALSE((*made)->Next());
  return offsets;
}

ArrivalSchedule Steady(double per_second, int64_t requests) {
  return {.rate = {.final_per_second = per_second}, .requests = requests};
}

ArrivalSchedule Ramped(double from, double to, Duration ramp, int64_t requests) {
  return {.rate = {.final_per_second = to, .initial_per_second = from, .ramp = ramp}, .requests = requests};
}

// Standard deviation of the gaps by their mean.
double VariationOfGaps(const std::vector<Duration>& offsets) {
  double sum = 0;
  double squares = 0;
  for (size_t i = 1; i < offsets.size(); ++i) {
    const double gap = ToSeconds(offsets[i] - offsets[i - 1]);
    sum += gap;
    squares += gap * gap;
  }
  const double n = static_cast<double>(offsets.size() - 1);
  const double mean = sum / n;
  return std::sqrt(squares / n - mean * mean) / mean;
}

std::string ProblemOf(const Maker& made) { return std::string(made.status().message()); }

TEST_CASE("Constant arrivals are on a grid that begins at once and ends for good", "[load][arrivals]") {
  CHECK(All(MakeConstantArrivals(Steady(10, 4))) == std::vector<Duration>{0s, 100ms, 200ms, 300ms});
  CHECK(All(MakeConstantArrivals(Steady(0.5, 2))) == std::vector<Duration>{0s, 2s});
  // A third of a second is no whole number of nanoseconds: each offset is rounded on its own.
  CHECK(All(MakeConstantArrivals(Steady(3, 4)))[3] == 1s);
}

TEST_CASE("Constant arrivals have not drifted after ten million requests", "[load][arrivals]") {
  // 10^7 / 7 s = 1,428,571.428571428571 s; the request before it is due a seventh of a second earlier.
  const auto process = MakeConstantArrivals(Steady(7, 10'000'001)).value();
  Duration offset{};
  for (int64_t i = 0; i < 10'000'000; ++i) offset = *process->Next();
  CHECK(std::abs((offset - (1'428'571'428'571'429ns - 142'857'143ns)).count()) <= 1);
  CHECK(std::abs((*process->Next() - 1'428'571'428'571'429ns).count()) <= 1);
  CHECK_FALSE(process->Next());
}

TEST_CASE("Every process has exactly the requests asked for, in order, inside the window",
          "[load][arrivals]") {
  for (const int64_t requests : {1, 2, 3, 10, 1000}) {
    for (const ArrivalSchedule& schedule : {Steady(5, requests), Ramped(1, 50, 4s, requests)}) {
      for (const double burstiness : {0.01, 0.3, 1.0, 7.0, 1e6}) {
        CAPTURE(requests, burstiness);
        const auto offsets = All(MakeGammaArrivals(schedule, burstiness, Rng(3)));
        CHECK(std::ssize(offsets) == requests);
        CHECK(std::is_sorted(offsets.begin(), offsets.end()));
        CHECK(offsets.front() >= 0s);
        CHECK(offsets.back() < schedule.rate.TimeOf(static_cast<double>(requests)));
      }
      CHECK(std::ssize(All(MakePoissonArrivals(schedule, Rng(3)))) == requests);
      CHECK(std::ssize(All(MakeConstantArrivals(schedule))) == requests);
    }
  }
}

TEST_CASE("The gaps of a Poisson process vary as much as they are long", "[load][arrivals]") {
  // The standard error of the coefficient of variation is about 1 / sqrt(n) = 0.003.
  const auto offsets = All(MakePoissonArrivals(Steady(50, 100'000), Rng(11)));
  CHECK(VariationOfGaps(offsets) == Approx(1).margin(0.015));
  // Uniform on the window: the mean offset is its middle, 1000 s, with a standard error of
  // 2000 / sqrt(12 n) = 1.8 s.
  double sum = 0;
  for (const Duration offset : offsets) sum += ToSeconds(offset);
  CHECK(sum / 100'000 == Approx(1000).margin(9));
}

TEST_CASE("Gamma gaps vary by one over the root of the burstiness", "[load][arrivals]") {
  for (const double burstiness : {0.25, 0.5, 1.0, 2.0, 4.0, 100.0}) {
    CAPTURE(burstiness);
    const auto offsets = All(MakeGammaArrivals(Steady(1000, 200'000), burstiness, Rng(5)));
    CHECK(VariationOfGaps(offsets) == Approx(1 / std::sqrt(burstiness)).epsilon(0.02));
  }
}

TEST_CASE("Gamma draws have the mean and the variance of their shape", "[load][arrivals]") {
  for (const double shape : {0.1, 0.5, 1.0, 1.5, 3.0, 50.0}) {
    CAPTURE(shape);
    Rng rng(9);
    const GammaGap gap(shape);
    constexpr int kDraws = 400'000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double value = gap.Draw(rng);
      sum += value;
      squares += value * value;
    }
    const double mean = sum / kDraws;
    CHECK(mean == Approx(shape).epsilon(0.025));
    CHECK(squares / kDraws - mean * mean == Approx(shape).epsilon(0.06));
  }
}

TEST_CASE("A seed gives the same arrivals again, another seed others", "[load][arrivals]") {
  for (const double burstiness : {0.5, 1.0, 3.0}) {
    const auto with_seed = [&](uint64_t seed) {
      return All(MakeGammaArrivals(Steady(10, 100), burstiness, Rng(seed)));
    };
    CHECK(with_seed(1) == with_seed(1));
    CHECK(with_seed(1) != with_seed(2));
  }
}

TEST_CASE("A burstiness of 1 is Poisson to the nanosecond", "[load][arrivals]") {
  CHECK(All(MakeGammaArrivals(Steady(10, 100), 1, Rng(4))) ==
        All(MakePoissonArrivals(Steady(10, 100), Rng(4))));
}

TEST_CASE("The same seed at twice the rate gives the same pattern in half the time", "[load][arrivals]") {
  const auto slow = All(MakePoissonArrivals(Steady(10, 100), Rng(4)));
  const auto fast = All(MakePoissonArrivals(Steady(20, 100), Rng(4)));
  for (size_t i = 0; i < slow.size(); ++i) CHECK(std::abs((slow[i] - 2 * fast[i]).count()) <= 2);
}

TEST_CASE("At an infinite rate all requests are due at once", "[load][arrivals]") {
  const std::vector<Duration> at_once(5, 0s);
  CHECK(All(MakeConstantArrivals(Steady(kInfinity, 5))) == at_once);
  CHECK(All(MakePoissonArrivals(Steady(kInfinity, 5), Rng(1))) == at_once);
  CHECK(All(MakeGammaArrivals(Steady(kInfinity, 5), 0.1, Rng(1))) == at_once);
}

TEST_CASE("A ramp sends as many requests by each instant as its rate adds up to", "[load][arrivals]") {
  // From 2 to 10 a second in 4 s: by t, 2 t + t^2 were due; 24 by the ramp's end, then 10 a second.
  const RateProfile rate{.final_per_second = 10, .initial_per_second = 2, .ramp = 4s};
  for (const auto& [requests, seconds] :
       std::vector<std::pair<double, double>>{{0, 0}, {3, 1}, {8, 2}, {15, 3}, {24, 4}, {34, 5}, {124, 14}}) {
    CHECK(ToSeconds(rate.TimeOf(requests)) == Approx(seconds).margin(1e-8));
  }
}

TEST_CASE("A ramp may lead down, begin at rest, or lead nowhere", "[load][arrivals]") {
  // 10 t - t^2 by t: 9 at 1 s, 24 at the end.
  const RateProfile down{.final_per_second = 2, .initial_per_second = 10, .ramp = 4s};
  CHECK(ToSeconds(down.TimeOf(9)) == Approx(1).margin(1e-8));
  CHECK(ToSeconds(down.TimeOf(24)) == Approx(4).margin(1e-8));
  CHECK(ToSeconds(down.TimeOf(26)) == Approx(5).margin(1e-8));
  // t^2 / 2 by t.
  const RateProfile from_rest{.final_per_second = 10, .initial_per_second = 0, .ramp = 10s};
  CHECK(from_rest.TimeOf(0) == 0s);
  CHECK(ToSeconds(from_rest.TimeOf(8)) == Approx(4).margin(1e-8));
  const RateProfile level{.final_per_second = 5, .initial_per_second = 5, .ramp = 10s};
  CHECK(ToSeconds(level.TimeOf(25)) == Approx(5).margin(1e-8));
}

TEST_CASE("A trace is replayed at its own times, from its first one", "[load][arrivals]") {
  const std::vector<Duration> recorded = {100ms, 150ms, 150ms, 400ms};
  CHECK(All(MakeTraceArrivals(recorded, 1)) == std::vector<Duration>{0ms, 50ms, 50ms, 300ms});
  CHECK(All(MakeTraceArrivals(recorded, 2)) == std::vector<Duration>{0ms, 25ms, 25ms, 150ms});
  CHECK(All(MakeTraceArrivals(recorded, 0.5)) == std::vector<Duration>{0ms, 100ms, 100ms, 600ms});
}

TEST_CASE("A trace that goes back in time waits for itself", "[load][arrivals]") {
  CHECK(All(MakeTraceArrivals({50ms, 80ms, 20ms, 90ms}, 1)) == std::vector<Duration>{0ms, 30ms, 30ms, 40ms});
}

TEST_CASE("Rates and schedules that make no sense are refused with a sentence", "[load][arrivals]") {
  for (const double rate : {0.0, -1.0, std::nan("")}) {
    const std::string problem = ProblemOf(MakeConstantArrivals(Steady(rate, 1)));
    CHECK(problem.find("expected more than 0 requests per second, or infinity") != std::string::npos);
  }
  CHECK(ProblemOf(MakeConstantArrivals(Steady(0, 1))) ==
        "the rate is 0: expected more than 0 requests per second, or infinity to send all at once");
  CHECK(ProblemOf(MakePoissonArrivals(Steady(1, 0), Rng(1))) ==
        "the schedule has 0 requests: expected 1 or more");
  CHECK(ProblemOf(MakeConstantArrivals(Ramped(-1, 5, 1s, 1))) ==
        "the initial rate is -1: expected 0 or more requests per second");
  CHECK(ProblemOf(MakeConstantArrivals(Ramped(1, kInfinity, 1s, 1))) ==
        "a ramp cannot lead to an infinite rate");
  CHECK(ProblemOf(MakeConstantArrivals(Ramped(1, 5, -1s, 1))) == "the ramp is -1s: expected 0s or more");
  CHECK(ProblemOf(MakeConstantArrivals(Ramped(1, 5, 0s, 1))) ==
        "there is an initial rate of 1 requests per second but no ramp that leads away from it");
  ArrivalSchedule unled = Steady(5, 1);
  unled.rate.ramp = 2s;
  CHECK(ProblemOf(MakeConstantArrivals(unled)) ==
        "there is a ramp of 2s but no initial rate to begin it with");
  for (const double burstiness : {0.0, -1.0, 0.001, 1e7, kInfinity, std::nan("")}) {
    CHECK(ProblemOf(MakeGammaArrivals(Steady(1, 1), burstiness, Rng(1)))
              .find("expected 0.01 (bursts) to 1000000 (even); 1 is Poisson") != std::string::npos);
  }
  for (const double speedup : {0.0, -2.0, kInfinity, std::nan("")}) {
    CHECK(ProblemOf(MakeTraceArrivals({0s}, speedup)).find("expected more than 0, such as 2") !=
          std::string::npos);
  }
  CHECK(ProblemOf(MakeTraceArrivals({}, 1)) == "the trace has no requests");
}

}  // namespace
}  // namespace llmdyno
