#include "llmdyno/cost/serving_cost.h"

#include <cmath>

#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

// To nine decimals.
bool Same(const std::optional<double>& actual, double expected) {
  return actual && std::abs(*actual - expected) < 1e-9;
}

ServingMetrics Level(Duration elapsed, int64_t input_tokens, int64_t output_tokens, int64_t successful = 10) {
  ServingMetrics metrics;
  metrics.all.elapsed = elapsed;
  metrics.all.successful = successful;
  metrics.usage_input_tokens = input_tokens;
  metrics.usage_output_tokens = output_tokens;
  metrics.without_usage_share = 0;
  return metrics;
}

}  // namespace

TEST_CASE("One GPU at 2.30 USD an hour for 30 s and 3,687,564 tokens", "[cost][serving_cost]") {
  // 1 * 2.30 * 30 / 3600 = 0.0191666…; that * 1e6 / 3,687,564 = 0.00519764…
  const ServingCost cost =
      CostOfGpus({.usd_per_gpu_hour = 2.30, .gpus = 1}, Level(30s, 3'600'000, 87'564, 1000));
  CHECK(Same(cost.usd, 0.019166666666666667));
  CHECK(cost.total_tokens == 3'687'564);
  CHECK(Same(cost.usd_per_million_tokens, 2.30 * 30 / 3600 * 1e6 / 3'687'564));
  CHECK(Same(cost.usd_per_million_tokens, 0.005197650));
  CHECK(Same(cost.sustained_output_tokens_per_second, 87'564 / 30.0));
  CHECK(Same(cost.usd_per_request, 0.019166666666666667 / 1000));
  CHECK_FALSE(cost.usd_per_good_request);
}

TEST_CASE("Several GPUs cost as much each, and the drain is paid for", "[cost][serving_cost]") {
  const GpuPrice price{.usd_per_gpu_hour = 3.60, .gpus = 8};
  CHECK(Same(CostOfGpus(price, Level(1h, 1, 1)).usd, 28.80));
  CHECK(Same(CostOfGpus(price, Level(90s, 1, 1)).usd, 0.72));
}

TEST_CASE("2000 tokens a second at 2.30 USD an hour cost 0.32 USD a million", "[cost][serving_cost]") {
  const ServingCost cost = CostOfGpus({.usd_per_gpu_hour = 2.30}, Level(60s, 0, 120'000));
  CHECK(*cost.usd_per_million_tokens == Approx(0.3194444).epsilon(1e-6));
}

TEST_CASE("Successes that met no goal are paid for by those that did", "[cost][serving_cost]") {
  ServingMetrics metrics = Level(1h, 100, 100, 10);
  metrics.good = 4;
  CHECK(Same(CostOfGpus({.usd_per_gpu_hour = 2}, metrics).usd_per_request, 0.2));
  CHECK(Same(CostOfGpus({.usd_per_gpu_hour = 2}, metrics).usd_per_good_request, 0.5));
  metrics.good = 0;
  CHECK_FALSE(CostOfGpus({.usd_per_gpu_hour = 2}, metrics).usd_per_good_request);
}

TEST_CASE("Without reported tokens there is a bill but no price of a million", "[cost][serving_cost]") {
  ServingMetrics metrics = Level(30s, 0, 0);
  metrics.without_usage = 10;
  metrics.without_usage_share = 1;
  const ServingCost cost = CostOfGpus({.usd_per_gpu_hour = 2.30}, metrics);
  CHECK(cost.usd > 0);
  CHECK_FALSE(cost.usd_per_million_tokens);
  CHECK_FALSE(cost.sustained_output_tokens_per_second);
  CHECK(*cost.without_usage_share == 1);
  CHECK(Same(cost.usd_per_request, 2.30 * 30 / 3600 / 10));
}

TEST_CASE("A level that failed or never ran has no unit prices", "[cost][serving_cost]") {
  const ServingCost cost = CostOfGpus({.usd_per_gpu_hour = 2.30}, ServingMetrics());
  CHECK(cost.usd == 0);
  CHECK_FALSE(cost.usd_per_million_tokens);
  CHECK_FALSE(cost.usd_per_request);
  CHECK_FALSE(cost.without_usage_share);
}

TEST_CASE("A hosted API costs what its tokens cost, cached ones less", "[cost][serving_cost]") {
  ServingMetrics metrics = Level(30s, 1'000'000, 200'000);
  metrics.usage_cached_tokens = 400'000;
  TokenPrices prices{.usd_per_million_input = 0.50, .usd_per_million_output = 1.50};
  // 1.0 * 0.50 + 0.2 * 1.50
  CHECK(Same(CostOfTokens(prices, metrics).usd, 0.80));
  prices.usd_per_million_cached = 0.05;
  // 0.6 * 0.50 + 0.4 * 0.05 + 0.2 * 1.50
  const ServingCost cost = CostOfTokens(prices, metrics);
  CHECK(Same(cost.usd, 0.62));
  CHECK(Same(cost.usd_per_million_tokens, 0.62 / 1.2));
  CHECK(Same(cost.usd_per_request, 0.062));
}

TEST_CASE("At prices per token a request without usage is in no mean", "[cost][serving_cost]") {
  ServingMetrics metrics = Level(30s, 800'000, 0, 10);
  metrics.without_usage = 2;
  metrics.good = 5;
  const ServingCost cost = CostOfTokens({.usd_per_million_input = 1}, metrics);
  CHECK(Same(cost.usd_per_request, 0.1));       // 0.8 / 8
  CHECK(Same(cost.usd_per_good_request, 0.2));  // 10 * 0.1 / 5
}

TEST_CASE("Prices that cannot be are refused with what is accepted", "[cost][serving_cost]") {
  CHECK((GpuPrice{.usd_per_gpu_hour = 2.3, .gpus = 2}).Validate().ok());
  CHECK((GpuPrice{.usd_per_gpu_hour = -1}).Validate().message() ==
        "price of a GPU per hour: expected US dollars above 0, got -1");
  CHECK_FALSE((GpuPrice{.usd_per_gpu_hour = NAN}).Validate().ok());
  CHECK((GpuPrice{.usd_per_gpu_hour = 1, .gpus = 0}).Validate().message() ==
        "number of GPUs: expected 1 or more, got 0");
  CHECK((TokenPrices{.usd_per_million_input = 0, .usd_per_million_output = 1}).Validate().ok());
  CHECK((TokenPrices{.usd_per_million_output = -0.5}).Validate().message() ==
        "price of a million output tokens: expected US dollars, 0 or more, got -0.5");
  CHECK((TokenPrices{.usd_per_million_input = INFINITY}).Validate().message() ==
        "price of a million input tokens: expected US dollars, 0 or more, got inf");
  CHECK_FALSE((TokenPrices{.usd_per_million_cached = -1}).Validate().ok());
}

TEST_CASE("A production plan keeps headroom and rounds machines up", "[cost][serving_cost]") {
  // 10,000 tokens/s sustained, planned with 7000; 1.3e9 a day are 15,046.3/s: 2.15 machines.
  const ServingMetrics metrics = Level(60s, 500'000, 100'000);
  const GpuPrice price{.usd_per_gpu_hour = 2.50, .gpus = 2};
  const auto plan = PlanProduction(1.3e9, price, metrics);
  REQUIRE(plan);
  CHECK(plan->tokens_per_second_needed == Approx(15'046.296296));
  CHECK(plan->tokens_per_second_per_machine == Approx(7000));
  CHECK(plan->machines == 3);
  CHECK(plan->gpus == 6);
  CHECK(Same(plan->usd_per_day, 6 * 2.50 * 24));
  CHECK(Same(plan->usd_per_million_tokens, 360 / 1300.0));
}

TEST_CASE("A demand of exactly two machines takes two", "[cost][serving_cost]") {
  const ServingMetrics metrics = Level(60s, 500'000, 100'000);
  CHECK(PlanProduction(2 * 7000 * 86'400.0, {.usd_per_gpu_hour = 1}, metrics)->machines == 2);
  CHECK(PlanProduction(1, {.usd_per_gpu_hour = 1}, metrics)->machines == 1);
  CHECK(PlanProduction(2 * 10'000 * 86'400.0, {.usd_per_gpu_hour = 1}, metrics, 1)->machines == 2);
}

TEST_CASE("There is no plan without tokens or without a demand", "[cost][serving_cost]") {
  const GpuPrice price{.usd_per_gpu_hour = 1};
  CHECK_FALSE(PlanProduction(1e9, price, ServingMetrics()));
  CHECK_FALSE(PlanProduction(1e9, price, Level(0s, 10, 10)));
  CHECK_FALSE(PlanProduction(0, price, Level(60s, 10, 10)));
  CHECK_FALSE(PlanProduction(1e9, price, Level(60s, 10, 10), 0));
}
