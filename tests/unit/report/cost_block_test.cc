#include "llmdyno/report/cost_block.h"

#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("400 s for a million tokens at 1.47 USD an hour show as 0.163", "[report][cost]") {
  RunDigest run;
  run.label = "vllm";
  run.source = "race.csv";
  run.output_tokens = 1'000'000;
  run.elapsed_s = 400;
  const std::string block = FormatCostBlock(run, MicroUsd::FromUsd(1.47));
  CHECK(block.find("Cost of vllm, from race.csv\n") == 0);
  CHECK(block.find("  Cost per 1M output tokens:   $0.163\n") != std::string::npos);
  CHECK(block.find("  Time for 1M output tokens:   400.0s\n") != std::string::npos);
  CHECK(block.find("  Avg Throughput:              2,500.0 tokens/sec\n") != std::string::npos);
  CHECK(block.find("  Cost per 1M input tokens:    -\n") != std::string::npos);
  CHECK(block.find("~400.0s (from timestamps") != std::string::npos);
  run.is_exact = true;
  CHECK(FormatCostBlock(run, MicroUsd::FromUsd(1.47)).find("Time Elapsed:                400.0s\n") !=
        std::string::npos);
}
