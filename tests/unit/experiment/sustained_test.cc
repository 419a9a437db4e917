#include "llmdyno/experiment/sustained.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

ServingMetrics Served(double success_percent, double sent_per_second) {
  ServingMetrics metrics;
  metrics.all.success_rate_percent = success_percent;
  metrics.sent_per_second = sent_per_second;
  metrics.send_window = std::chrono::seconds(60);
  for (int i = 1; i <= 200; ++i) metrics.all.ttft.Add(i);
  return metrics;
}

BacklogTrend Growing(double per_second, double share) {
  BacklogTrend trend;
  trend.window = std::chrono::seconds(60);
  trend.growth_per_second = per_second;
  trend.growth_share = share;
  trend.successes_per_second = 16;
  return trend;
}

TEST_CASE("A load with all answers in time and no queue is sustained") {
  const auto judgement = JudgeSustained(10, Served(100, 10), Growing(0.01, 0.001), {});
  REQUIRE(judgement.sustained);
  REQUIRE(judgement.reason.find("success 100.0 %") != std::string::npos);
  REQUIRE_FALSE(judgement.capacity_estimate.has_value());
}

TEST_CASE("A growing queue is no sustained load although every request succeeds") {
  const auto judgement = JudgeSustained(20, Served(100, 20), Growing(4, 0.2), {});
  REQUIRE_FALSE(judgement.sustained);
  REQUIRE(judgement.reason == "a queue grew (by 4.00 requests in every second, 20.0 % of the load)");
  REQUIRE(judgement.capacity_estimate == 16.0);
}

TEST_CASE("Success below 99 % is not sustained unless the SLO says otherwise") {
  REQUIRE_FALSE(JudgeSustained(10, Served(98.9, 10), Growing(0, 0), {}).sustained);
  SustainCriteria lenient;
  lenient.slo = *Slo::Parse("success>=95%");
  REQUIRE(JudgeSustained(10, Served(98.9, 10), Growing(0, 0), lenient).sustained);
}

TEST_CASE("A missed latency limit is the reason, in its own words") {
  SustainCriteria criteria;
  criteria.slo = *Slo::Parse("ttft_p99<150ms");
  const auto judgement = JudgeSustained(10, Served(100, 10), Growing(0, 0), criteria);
  REQUIRE_FALSE(judgement.sustained);
  REQUIRE(judgement.reason.find("ttft_p99") != std::string::npos);
  REQUIRE(judgement.reason.find("150") != std::string::npos);
}

TEST_CASE("A client that cannot send the load says so instead of blaming the endpoint") {
  const auto judgement = JudgeSustained(100, Served(100, 80), Growing(0, 0), {});
  REQUIRE_FALSE(judgement.sustained);
  REQUIRE(judgement.client_limited);
  REQUIRE(judgement.reason.find("the client itself") != std::string::npos);
}

TEST_CASE("In a closed loop no queue is looked for") {
  SustainCriteria closed;
  closed.backlog.reset();
  REQUIRE(JudgeSustained(64, Served(100, 10), Growing(5, 0.5), closed).sustained);
}

}  // namespace
}  // namespace llmdyno
