#include "llmdyno/report/offline_block.h"

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

// The reference result: 1000 generations in 54.27 s, 227.85 and 565.78 tokens each.
RaceReport Reference() {
  RaceReport report;
  RunMetrics& metrics = report.metrics;
  metrics.elapsed = 54270ms;
  metrics.requests = metrics.successful = 1000;
  metrics.output_tokens = 227'850;
  metrics.input_tokens = 565'780;
  metrics.requests_per_second = 1000 / 54.27;
  metrics.output_tokens_per_second = 227'850 / 54.27;
  return report;
}

}  // namespace

TEST_CASE("The offline block has seven lines whose arithmetic agrees", "[report][offline]") {
  // 1000 / 54.27 = 18.43; 227,850 / 54.27 = 4198.45; 565,780 / 54.27 = 10425.28.
  CHECK(FormatOfflineBlock(Reference()) ==
        "* ================ Offline batch, over HTTP ================\n"
        "* Total Time:                   54.27\n"
        "* Total Generations:            1000\n"
        "\n\n"
        "* Generations / Sec:            18.43\n"
        "* Generation Tok / Sec:         4198.45\n"
        "* Prompt Tok / Sec:             10425.28\n"
        "\n\n"
        "* Avg Generation Tokens:        227.85\n"
        "* Avg Prompt Tokens:            565.78\n"
        "* ==========================================================\n");
}

TEST_CASE("A simulated batch says so", "[report][offline]") {
  RaceReport report = Reference();
  report.is_simulated = true;
  CHECK(FormatOfflineBlock(report).find("SIMULATED") != std::string::npos);
}

TEST_CASE("A batch without a success has dashes", "[report][offline]") {
  const std::string block = FormatOfflineBlock(RaceReport());
  CHECK(block.find("* Avg Generation Tokens:        -\n") != std::string::npos);
  CHECK(block.find("* Generations / Sec:            -\n") != std::string::npos);
}
