#include "llmdyno/metrics/slo.h"

#include "llmdyno/metrics/serving_metrics_builder.h"
#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

std::string ProblemOf(std::string_view text) {
  const auto slo = Slo::Parse(text);
  REQUIRE_FALSE(slo.ok());
  return std::string(slo.status().message());
}

Slo Parsed(std::string_view text) {
  const auto slo = Slo::Parse(text);
  INFO(slo.status().ToString());
  REQUIRE(slo.ok());
  return *slo;
}

// TTFT 100, 200, … 1000 ms with TPOT of the same, one of ten requests failed after that.
ServingMetrics TenRequests() {
  ServingMetricsBuilder builder({.goodput = Goodput{.ttft = 500ms}});
  for (int i = 1; i <= 9; ++i) builder.OnRecord(MakeSteady(0s, 2, i * 100ms));
  builder.OnRecord(Make({.ended = 1s, .outcome = Failed(OutcomeClass::kOverload, 503)}));
  return builder.Build();
}

bool Meets(std::string_view slo) { return Parsed(slo).Judge(TenRequests()).met; }

}  // namespace

TEST_CASE("An SLO is a list of terms, read with their units", "[metrics][slo]") {
  const Slo slo =
      Parsed(" ttft_p99<500ms, tpot_p95 <= 50 us ,e2e_from_schedule_p99.9<2s,success>=99%,goodput>5");
  REQUIRE(slo.terms().size() == 5);
  CHECK(slo.terms()[0].metric == "ttft");
  CHECK(slo.terms()[0].statistic == "p99");
  CHECK(slo.terms()[0].comparison == SloTerm::Comparison::kLess);
  CHECK(slo.terms()[0].limit == 500);
  CHECK(slo.terms()[0].text == "ttft_p99<500ms");
  CHECK(slo.terms()[1].comparison == SloTerm::Comparison::kLessOrEqual);
  CHECK(slo.terms()[1].limit == Approx(0.05));
  CHECK(slo.terms()[1].text == "tpot_p95 <= 50 us");
  CHECK(slo.terms()[2].metric == "e2e_from_schedule");
  CHECK(slo.terms()[2].statistic == "p99.9");
  CHECK(slo.terms()[2].limit == 2000);
  CHECK(slo.terms()[3].metric == "success");
  CHECK(slo.terms()[3].statistic.empty());
  CHECK(slo.terms()[3].comparison == SloTerm::Comparison::kGreaterOrEqual);
  CHECK(slo.terms()[3].limit == 99);
  CHECK(slo.terms()[4].comparison == SloTerm::Comparison::kGreater);
  CHECK(slo.needs_goodput());
  CHECK_FALSE(Parsed("throughput>1000,send_lag_max<1ms,itl_mean<30ms").needs_goodput());
}

TEST_CASE("An SLO that was printed is read back", "[metrics][slo]") {
  const Slo slo = Parsed("ttft_p99 < 500 ms,success>=99.5%, throughput>=100");
  CHECK(ToString(slo) == "ttft_p99 < 500 ms,success>=99.5%,throughput>=100");
  CHECK(ToString(Parsed(ToString(slo))) == ToString(slo));
}

TEST_CASE("A wrong SLO is pointed at, character by character", "[metrics][slo]") {
  CHECK(ProblemOf("ttft_p99 500ms") == "expected one of '<', '<=', '>', '>=' at character 9: ttft_p99 500ms");
  CHECK(ProblemOf("success>=99%,ttft_p99=500ms") ==
        "expected one of '<', '<=', '>', '>=' at character 22: success>=99%,ttft_p99=500ms");
  CHECK(ProblemOf("ttft_p99<fast") == "expected a number, zero or more, at character 10: ttft_p99<fast");
  CHECK(ProblemOf("ttft_p99<-5ms") == "expected a number, zero or more, at character 10: ttft_p99<-5ms");
  CHECK(ProblemOf("ttft_p99<500") == "expected a unit, us, ms or s, at character 13 (the end): ttft_p99<500");
  CHECK(ProblemOf("ttft_p99<5min") == "expected a unit, us, ms or s, at character 11: ttft_p99<5min");
  CHECK(ProblemOf("success>=0.99") == "expected '%' at character 14 (the end): success>=0.99");
  CHECK(ProblemOf("success>=101%") == "expected a percentage from 0 to 100 at character 10: success>=101%");
  CHECK(ProblemOf("goodput>5ms") == "expected no unit (goodput is per second) at character 10: goodput>5ms");
  CHECK(ProblemOf("goodput>5 tpot_p50<1ms") ==
        "expected no unit (goodput is per second) at character 11: goodput>5 tpot_p50<1ms");
  CHECK(ProblemOf("ttft_p99<5ms;success>=9%") ==
        "expected a comma or the end at character 13: ttft_p99<5ms;success>=9%");
}

TEST_CASE("A wrong metric or statistic is named with what is known", "[metrics][slo]") {
  CHECK(ProblemOf("ttft<500ms") ==
        "expected '_' and a statistic such as p50, p99, p99.9, mean, min or max at character 5: ttft<500ms");
  CHECK(ProblemOf("ttft_p100<500ms") ==
        "expected a statistic such as p50, p99, p99.9, mean, min or max at character 6: ttft_p100<500ms");
  CHECK(ProblemOf("e2e_from_schedule_avg<1s").find("at character 19") != std::string::npos);
  CHECK(ProblemOf("tfft_p99<500ms").find("(did you mean ttft?) at character 1:") != std::string::npos);
  CHECK(ProblemOf("ttft_p9<1s,sucess>9%").find("(did you mean success?) at character 12:") !=
        std::string::npos);
  CHECK(ProblemOf("zzz>1").find("did you mean") == std::string::npos);
  CHECK(ProblemOf("").find("expected a metric such as ttft_p99 or success at character 1 (the end)") == 0);
  CHECK(ProblemOf("ttft_p99<1s,").find("at character 13 (the end)") != std::string::npos);
  CHECK(ProblemOf("<1s").find("at character 1:") != std::string::npos);
}

TEST_CASE("Every metric of an SLO is judged by its statistic", "[metrics][slo]") {
  // TTFT and TPOT are 100 … 900 ms, E2E twice that; 9 of 10 succeeded; 5 were good in 1.8 s, with 18 tokens.
  CHECK(Meets("ttft_p50<=500ms"));
  CHECK_FALSE(Meets("ttft_p50<500ms"));
  CHECK(Meets("ttft_mean<=0.5s,ttft_min>=100ms,ttft_max<=900ms"));
  CHECK(Meets("ttft_from_schedule_p50<=500ms"));
  CHECK(Meets("tpot_max<=900ms"));
  CHECK(Meets("itl_max<=900ms,itl_min>=100ms,itl_mean<501ms,itl_p50<510ms"));
  CHECK(Meets("e2e_max<=1.8s,e2e_from_schedule_max<=1.8s"));
  CHECK(Meets("send_lag_p99<1us"));
  CHECK(Meets("success>=90%"));
  CHECK_FALSE(Meets("success>90%"));
  CHECK(Meets("goodput>2.7"));
  CHECK_FALSE(Meets("goodput>2.8"));
  CHECK(Meets("throughput>=10"));
  CHECK_FALSE(Meets("throughput>=10.1"));
}

TEST_CASE("A miss says what was measured and what the limit was", "[metrics][slo]") {
  const SloJudgement judgement = Parsed("success >= 99%,ttft_p50<300ms,tpot_p50<1s").Judge(TenRequests());
  CHECK_FALSE(judgement.met);
  REQUIRE(judgement.misses.size() == 2);
  CHECK(judgement.misses[0].term == "success >= 99%");
  CHECK(*judgement.misses[0].actual == Approx(90));
  CHECK(judgement.misses[0].sentence == "success was 90 %, limit 99 %");
  CHECK(judgement.misses[1].sentence == "ttft_p50 was 500 ms, limit 300 ms");
}

TEST_CASE("A narrow miss is not rounded to the limit", "[metrics][slo]") {
  ServingMetrics metrics;
  metrics.all.success_rate_percent = 98.9996;
  CHECK(Parsed("success>=99%").Judge(metrics).misses.at(0).sentence == "success was 98.9996 %, limit 99 %");
}

TEST_CASE("What nobody could measure is missed", "[metrics][slo]") {
  const SloJudgement judgement = Parsed("ttft_p99<1s,success>=0%,goodput>=0").Judge(ServingMetrics());
  CHECK_FALSE(judgement.met);
  REQUIRE(judgement.misses.size() == 3);
  CHECK_FALSE(judgement.misses[0].actual);
  CHECK(judgement.misses[0].sentence ==
        "ttft_p99 could not be judged, there was nothing to measure it from; limit 1000 ms");
}

TEST_CASE("An SLO without terms is met", "[metrics][slo]") {
  CHECK(Slo().Judge(ServingMetrics()).met);
  CHECK(ToString(Slo()).empty());
}
