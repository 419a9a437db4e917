#include "llmdyno/report/selftest_table.h"

#include "made_selftest.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("A self-test says where it was run and what it found", "[report][selftest]") {
  const std::string text = FormatSelftest(MadeSelftest());
  INFO(text);
  CHECK(text.starts_with("Self-test of llmdyno 0.1.0 against a SIMULATED endpoint, 2025-01-31"));
  CHECK(Has(text, "2 cores, Some CPU, Linux 6.1 x86_64, governor unknown\n"));
  CHECK(Has(text, "client on core 1, endpoint on core 0\n"));
  CHECK(Has(text, "by the kernel"));
  CHECK(Has(text, "  token arrival             1  1,200  1.25  1.50  2.00  12,346\n"));
  CHECK(Has(text, "                        1,000  1,200  1.25  1.50  40.0  12,346\n"));
  CHECK(Has(text, "1,000 streams, 50,000 tokens/s: up to there the p99 error of arrivals is below\n"));
  CHECK(Has(text, "  1,000 requests/s     3,000  5.00  3.00  50.0  900.0   999.9    VALID\n"));
  CHECK(Has(text, "20,000 streams: not run, it needs 20,064 descriptors"));
  CHECK_FALSE(Has(text, "Interrupted"));
}

TEST_CASE("What makes a self-test doubtful is said in words", "[report][selftest]") {
  SelftestReport report = MadeSelftest();
  report.client_cores.clear();
  report.endpoint_cores.clear();
  report.interrupted = true;
  report.levels[1].validity = {false, {{.code = "busy_thread", .sentence = "the loop was busy"}}, {}};
  report.levels[1].errors[0]->n = 99;
  report.levels[0].errors = {};
  report.levels[2].stamps.wake_up = 12;
  const std::string text = FormatSelftest(report);
  INFO(text);
  CHECK(Has(text, "this process may use one core"));
  CHECK(Has(text, "12 of 3,912 when the client woke up"));
  CHECK(Has(text, "SUSPECT\n"));
  CHECK(Has(text, "  10 streams: SUSPECT, the loop was busy\n"));
  CHECK(Has(text, "3.00~"));
  CHECK(Has(text, "none: the p99 error of arrivals is not below 100 us at the first level"));
  CHECK(Has(text, "Interrupted: the self-test is incomplete.\n"));
}

TEST_CASE("A self-test that was stopped before its first level is a few lines", "[report][selftest]") {
  SelftestReport report;
  report.interrupted = true;
  const std::string text = FormatSelftest(report);
  CHECK_FALSE(Has(text, "Error in us"));
  CHECK(Has(text, "Interrupted"));
}

}  // namespace llmdyno
