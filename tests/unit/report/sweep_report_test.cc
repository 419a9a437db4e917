#include "llmdyno/report/sweep_report.h"

#include "made_sweep.h"
#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("A cell's key can be read back, and nothing else can", "[report][sweep_report]") {
  const ShapeCell cell{128, 32, 8};
  CHECK(ToString(cell) == "in_128_out_32_batch_8");
  CHECK(ParseShapeCell("in_128_out_32_batch_8") == cell);
  for (const char* text : {"", "8", "in_128_out_32", "in_128_out_32_batch_", "in__out_32_batch_8",
                           "in_1k_out_32_batch_8", "in_128_out_32_batch_8_", "in_128_out_32_batch_-8"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseShapeCell(text).has_value());
  }
}

TEST_CASE(
    "Lengths are a problem beyond two percent and a token, or when an answer is not as long as asked for",
    "[report][sweep_report]") {
  SweepLevelMetrics metrics;
  CHECK_FALSE(HasLengthProblem(metrics));
  metrics.input_lengths.deviation_percent = Of({1, 2});
  metrics.input_lengths.mean_extra = 3;
  CHECK_FALSE(HasLengthProblem(metrics));  // 1.5 %
  metrics.input_lengths.deviation_percent = Of({-3, -4});
  metrics.input_lengths.mean_extra = -1;
  CHECK_FALSE(HasLengthProblem(metrics));  // one token of a short prompt
  metrics.input_lengths.mean_extra = -8;
  CHECK(HasLengthProblem(metrics));
  SweepLevelMetrics output;
  output.output_lengths = OutputLengthCheck{.requests = 8};
  CHECK_FALSE(HasLengthProblem(output));
  output.output_lengths->shorter = 1;
  CHECK(HasLengthProblem(output));
}
