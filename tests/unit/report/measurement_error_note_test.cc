#include "llmdyno/report/measurement_error_note.h"

#include <vector>

#include "llmdyno/report/selftest_json.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

using Quantity = MeasuredQuantity;

SelftestSummary::Level Level(int64_t concurrency, double tokens_per_second, double p99_us) {
  SelftestSummary::Level level;
  level.concurrency = concurrency;
  level.tokens_per_second = tokens_per_second;
  level.errors[static_cast<size_t>(Quantity::kTtft)] = ErrorFigures{1000, 1, 1, p99_us, 900};
  return level;
}

SelftestSummary Tested() {
  SelftestSummary selftest;
  selftest.path = "selftest.json";
  selftest.date = "2025-01-31";
  selftest.machine = {2, "Some CPU", "Linux 6.1 x86_64", "", 7};
  selftest.levels = {Level(10, 500, 2.31), Level(100, 5000, 3), Level(1000, 49'800, 40.2)};
  return selftest;
}

std::string SentenceFor(const ClientLoad& load) {
  const auto note = FindMeasurementError(Tested(), Quantity::kTtft, load);
  return note ? note->Sentence() : "nothing";
}

}  // namespace

TEST_CASE("The smallest tested load that is not below the run's gives the error", "[report][selftest]") {
  CHECK(SentenceFor({.in_flight = 10, .tokens_per_second = 500}) ==
        "± 2.4 us (p99) on this machine at 10 streams, self-test of 2025-01-31");
  CHECK(SentenceFor({.in_flight = 11, .tokens_per_second = 500}) ==
        "± 3.0 us (p99) on this machine at 100 streams, self-test of 2025-01-31");
  // Few streams that are fast: by their tokens they are a larger load.
  CHECK(SentenceFor({.in_flight = 11, .tokens_per_second = 5001}) ==
        "± 41 us (p99) on this machine at 1,000 streams, self-test of 2025-01-31");
  CHECK(SentenceFor({.in_flight = 101}) ==
        "± 41 us (p99) on this machine at 1,000 streams, self-test of 2025-01-31");
}

TEST_CASE("A load beyond the self-test has no error to print, and says so", "[report][selftest]") {
  const std::string beyond =
      "beyond what the self-test of 2025-01-31 covered (1,000 streams, 49,800 tokens/s)";
  CHECK(SentenceFor({.in_flight = 1001}) == beyond);
  CHECK(SentenceFor({.in_flight = 1, .tokens_per_second = 49'801}) == beyond);
  CHECK_FALSE(FindMeasurementError(Tested(), Quantity::kTtft, {.in_flight = 1001})->figures.has_value());
}

TEST_CASE("What was not compared in the self-test has no note", "[report][selftest]") {
  CHECK_FALSE(FindMeasurementError(Tested(), Quantity::kItl, {.in_flight = 10}).has_value());
  CHECK_FALSE(FindMeasurementError({}, Quantity::kTtft, {}).has_value());
}

TEST_CASE("A note tells when the client was suspect in the self-test", "[report][selftest]") {
  SelftestSummary selftest = Tested();
  selftest.levels[0].valid = false;
  selftest.date.clear();
  CHECK(FindMeasurementError(selftest, Quantity::kTtft, {.in_flight = 5})->Sentence() ==
        "± 2.4 us (p99) on this machine at 10 streams, self-test, in which the client was SUSPECT");
}

TEST_CASE("The self-test of another machine is warned of in words", "[report][selftest]") {
  const SelftestSummary selftest = Tested();
  CHECK(SelftestWarnings(selftest, selftest.machine).empty());
  CHECK(SelftestWarnings(selftest, {2, "Other CPU", "Linux 6.1 x86_64", "performance", 7}) ==
        std::vector<std::string>{"the self-test 'selftest.json' may not speak for this machine: its CPU was "
                                 "Some CPU and here it is Other CPU"});
}

}  // namespace llmdyno
