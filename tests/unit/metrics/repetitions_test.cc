#include "llmdyno/metrics/repetitions.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

RunMetrics Run(double tokens_per_second, std::initializer_list<double> ttfts) {
  RunMetrics metrics;
  metrics.output_tokens_per_second = tokens_per_second;
  for (const double ttft : ttfts) metrics.ttft.Add(ttft);
  return metrics;
}

const FigureSpread* Find(const std::vector<FigureSpread>& spreads, std::string_view name) {
  for (const FigureSpread& spread : spreads) {
    if (spread.name == name) return &spread;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("The repetition shown is the median of the complete ones by rate", "[metrics][repetitions]") {
  const auto shown = [](std::vector<RepetitionOutcome> outcomes) { return RepetitionToShow(outcomes); };
  CHECK(shown({{"target_tokens", 30}, {"target_tokens", 10}, {"target_tokens", 20}}) == 2);
  // Of an even number the lower of the two in the middle.
  CHECK(shown({{"duration", 40}, {"duration", 30}, {"duration", 10}, {"duration", 20}}) == 3);
  CHECK(shown({{"target_tokens", 30}, {"interrupted", 10}}) == 0);
  CHECK(shown({{"target_tokens", 30}, {"target_tokens", 20}, {"max_duration", 25}}) == 1);
  CHECK(shown({{"interrupted", {}}}) == 0);
  CHECK(shown({{"duration", 20}, {"duration", {}}, {"duration", 30}}) == 0);
}

TEST_CASE("A run that was killed, interrupted or given up is not complete", "[metrics][repetitions]") {
  for (const char* reason : {"", "interrupted", "refused", "consecutive_failures", "max_duration"}) {
    CHECK_FALSE(IsCompleteRun(reason));
  }
  for (const char* reason :
       {"target_tokens", "target_requests", "duration", "source_exhausted", "drain_deadline"}) {
    CHECK(IsCompleteRun(reason));
  }
}

TEST_CASE("The spread has one value a run for rates and all samples for latencies",
          "[metrics][repetitions]") {
  const RunMetrics first = Run(100, {10, 12});
  const RunMetrics second = Run(104, {20, 22});
  const std::vector<const RunMetrics*> runs = {&first, &second};
  const auto spreads = SpreadOfRuns(runs);
  const FigureSpread* rate = Find(spreads, "output_tokens_per_s");
  REQUIRE(rate != nullptr);
  CHECK(rate->spread.mean == 102);
  CHECK_FALSE(rate->spread.within_standard_deviation.has_value());
  const FigureSpread* ttft = Find(spreads, "ttft_ms");
  REQUIRE(ttft != nullptr);
  CHECK(ttft->spread.samples == 4);
  CHECK(ttft->spread.mean == 16);
  // Around means of 11 and 21 each sample is off by 1: sqrt(4 / (4 - 2)).
  CHECK(*ttft->spread.within_standard_deviation == Approx(1.41421).epsilon(1e-4));
  CHECK(Find(spreads, "tpot_ms") == nullptr);  // nobody has it
}

TEST_CASE("One run has no spread", "[metrics][repetitions]") {
  const RunMetrics only = Run(100, {10, 12});
  const std::vector<const RunMetrics*> runs = {&only};
  CHECK(SpreadOfRuns(runs).empty());
}

TEST_CASE("The verdict on repetitions names the one that is suspect", "[metrics][repetitions]") {
  Validity good;
  Validity bad;
  bad.valid = false;
  bad.reasons.push_back({.code = "late_sends", .sentence = "requests left late"});
  const std::vector<Validity> verdicts = {good, bad, good};
  const Validity all = ValidityOfAll(verdicts, 0);
  CHECK_FALSE(all.valid);
  REQUIRE(all.reasons.size() == 1);
  CHECK(all.reasons[0].sentence == "repetition 2: requests left late");
  CHECK(ValidityOfAll(verdicts, 1).reasons[0].sentence == "requests left late");
  CHECK(ValidityOfAll(std::vector<Validity>{good, good}, 0).valid);
}

}  // namespace llmdyno
