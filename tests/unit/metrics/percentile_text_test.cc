#include "llmdyno/metrics/percentile_text.h"

#include "support/catch.h"

using namespace llmdyno;

namespace {

std::string ProblemOf(std::string_view text) {
  const auto parsed = ParsePercentiles(text);
  REQUIRE_FALSE(parsed.ok());
  return std::string(parsed.status().message());
}

}  // namespace

TEST_CASE("Percentiles are read in the order given", "[metrics][percentile_text]") {
  CHECK(*ParsePercentiles("50,90,99.9") == std::vector<double>{50, 90, 99.9});
  CHECK(*ParsePercentiles("99") == std::vector<double>{99});
  CHECK(*ParsePercentiles(" 99 , 0.1") == std::vector<double>{99, 0.1});
}

TEST_CASE("What is no percentile is named with what is accepted", "[metrics][percentile_text]") {
  CHECK(ProblemOf("50,p99") == "unknown percentile 'p99': expected a number above 0 and below 100");
  for (const char* text : {"0", "100", "-1", "101", "", "50,", ",50", "50,,99", "nan", "50 99"}) {
    CAPTURE(text);
    CHECK(ProblemOf(text).find("expected a number above 0 and below 100") != std::string::npos);
  }
  CHECK(ProblemOf("50,99,50.0") == "percentile '50.0' is given twice: expected each of them once");
}

TEST_CASE("A percentile is printed as it was written", "[metrics][percentile_text]") {
  CHECK(PercentileText(99) == "99");
  CHECK(PercentileText(99.9) == "99.9");
  CHECK(PercentileText(0.1) == "0.1");
  CHECK(PercentileText(99.99) == "99.99");
}
