#include "llmdyno/report/selftest_report.h"

#include "made_selftest.h"
#include "support/catch.h"

namespace llmdyno {

TEST_CASE("The highest load is the last before the first whose p99 is not below the limit",
          "[report][selftest]") {
  SelftestReport report = MadeSelftest();
  REQUIRE(HighestLoadBelow(report) != nullptr);
  CHECK(HighestLoadBelow(report)->concurrency == 1000);
  report.levels.insert(report.levels.begin() + 2, MadeLevel(100, 100));  // not below 100
  CHECK(HighestLoadBelow(report)->concurrency == 10);
  report.levels[0].errors = {};
  CHECK(HighestLoadBelow(report) == nullptr);
}

TEST_CASE("A gate names the first level that is above it or has nothing to judge", "[report][selftest]") {
  SelftestReport report = MadeSelftest();
  CHECK(FirstLevelAbove(report, 40) == nullptr);
  REQUIRE(FirstLevelAbove(report, 39.9) != nullptr);
  CHECK(FirstLevelAbove(report, 39.9)->concurrency == 1000);
  report.levels[1].errors = {};
  CHECK(FirstLevelAbove(report, 40)->concurrency == 10);
}

TEST_CASE("A level without a flaw has no notes, every flaw has one", "[report][selftest]") {
  CHECK(SelftestNotes(MadeLevel(10, 3)).empty());
  SelftestLevel level = MadeLevel(1000, 3);
  level.tokens_per_second = 30'000;
  level.endpoint_cpu_share = 0.97;
  level.client_wait_share = 0.2;
  level.endpoint_wait_share = 0.1;
  level.failed_requests = 1;
  level.without_truth = 2;
  level.token_mismatches = 3;
  level.interrupted = true;
  CHECK(
      SelftestNotes(level) ==
      std::vector<std::string>{
          "interrupted: compared is what there was by then", "1 request failed",
          "the endpoint knows nothing of 2 requests",
          "3 responses had another number of tokens than were sent",
          "the simulated endpoint used 97 % of a core and could not send more: the load was 30,000 tokens/s, "
          "50,000 were meant; errors are still against the instants at which tokens were really sent",
          "the client waited 20 % of the time for a core that was busy with something else: end other work "
          "and repeat",
          "the simulated endpoint waited 10 % of the time for a core that was busy with something else"});
}

}  // namespace llmdyno
