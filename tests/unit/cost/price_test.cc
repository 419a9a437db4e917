#include "llmdyno/cost/price.h"

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

TEST_CASE("A million tokens in 400 s at 1.47 USD an hour cost 0.163 USD", "[cost][price]") {
  // 1.47 * 400 / 3600 = 0.16333; 1,000,000 / 400 = 2500 tokens/s.
  CHECK(CostPerMillion(MicroUsd::FromUsd(1.47), 2500)->Usd() == Approx(0.1633333).epsilon(1e-6));
  const RunCost cost = CostOf(MicroUsd::FromUsd(1.47), 1'000'000, 0, 400s);
  CHECK(cost.per_million_output->Usd() == Approx(0.1633333).epsilon(1e-6));
  CHECK(cost.run.Usd() == Approx(0.1633333).epsilon(1e-6));
}

TEST_CASE("Each price divides the whole cost by one kind of token", "[cost][price]") {
  // An hour at 3.60 USD; 3.6 M output tokens, 0.9 M input tokens.
  const RunCost cost = CostOf(MicroUsd::FromUsd(3.60), 3'600'000, 900'000, 1h);
  CHECK(cost.run.Usd() == Approx(3.60));
  CHECK(cost.per_million_output->Usd() == Approx(1.0));
  CHECK(cost.per_million_input->Usd() == Approx(4.0));
  CHECK(cost.per_million_total->Usd() == Approx(0.8));
}

TEST_CASE("Price by throughput and price by totals agree", "[cost][price]") {
  const MicroUsd price = MicroUsd::FromUsd(2.3);
  const RunCost cost = CostOf(price, 123'456, 0, 37s);
  CHECK(CostPerMillion(price, 123'456 / 37.0)->Usd() == Approx(cost.per_million_output->Usd()).epsilon(1e-9));
}

TEST_CASE("Without tokens or without time there is no price", "[cost][price]") {
  CHECK_FALSE(CostPerMillion(MicroUsd::FromUsd(1), 0));
  CHECK_FALSE(CostPerMillion(MicroUsd::FromUsd(1), -1));
  const RunCost no_tokens = CostOf(MicroUsd::FromUsd(1), 0, 0, 10s);
  CHECK_FALSE(no_tokens.per_million_output);
  CHECK_FALSE(no_tokens.per_million_total);
  CHECK_FALSE(CostOf(MicroUsd::FromUsd(1), 100, 100, 0s).per_million_output);
}

TEST_CASE("The cost of a race is that of its elapsed time", "[cost][price]") {
  RunMetrics metrics;
  metrics.output_tokens = 500'000;
  metrics.input_tokens = 500'000;
  metrics.elapsed = 200s;
  const RunCost cost = CostOf(MicroUsd::FromUsd(1.47), metrics);
  CHECK(cost.per_million_output->Usd() == Approx(0.1633333).epsilon(1e-6));
  CHECK(cost.per_million_total->Usd() == Approx(0.0816667).epsilon(1e-6));
}
