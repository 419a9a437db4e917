#include "llmdyno/report/comparison.h"

#include <sstream>

#include "report/text_format.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

RunDigest Run(std::string label, double elapsed_s) {
  RunDigest run;
  run.label = std::move(label);
  run.is_exact = true;
  run.users = 80;
  run.requests = 1000;
  run.successful = 990;
  run.output_tokens = 1'000'000;
  run.elapsed_s = elapsed_s;
  return run;
}

}  // namespace

TEST_CASE("Runs are compared by configuration, users, time, throughput and success", "[report][comparison]") {
  const std::vector<RunDigest> runs = {Run("vllm", 400), Run("tgi", 500)};
  const std::string table = FormatComparison(runs);
  // 1,000,000 / 400 = 2500/s; 1,000,000 / 500 = 2000/s, 20 % less.
  CHECK(
      table ==
      "Configuration                    Users        Time  Output tokens   Tokens/sec   Success   vs first\n"
      "vllm                                80      400.0s      1,000,000      2,500.0    99.00%          -\n"
      "tgi                                 80      500.0s      1,000,000      2,000.0    99.00%     "
      "-20.0%\n");
}

TEST_CASE("A faster run has a plus, and doubt shows", "[report][comparison]") {
  std::vector<RunDigest> runs = {Run("a", 400), Run("b", 200)};
  runs[1].is_exact = false;
  runs[1].is_simulated = true;
  runs[1].is_valid = false;
  const std::string table = FormatComparison(runs);
  CHECK(table.find("+100.0%") != std::string::npos);
  CHECK(table.find("~200.0s") != std::string::npos);
  CHECK(table.find("b SIMULATED SUSPECT") != std::string::npos);
  CHECK(table.find("~ from timestamps") != std::string::npos);
}

TEST_CASE("A run without time or requests has dashes, and the table stays within 100 columns",
          "[report][comparison]") {
  RunDigest nothing;
  nothing.label = std::string(80, 'x');
  const std::vector<RunDigest> runs = {Run("a", 400), nothing};
  std::istringstream lines(FormatComparison(runs));
  for (std::string line; std::getline(lines, line);) CHECK(ScreenWidth(line) <= 100);
  CHECK(FormatComparison(runs).find("...") != std::string::npos);
}
