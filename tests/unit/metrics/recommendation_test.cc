#include "llmdyno/metrics/recommendation.h"

#include <algorithm>

#include "made_record.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

bool Says(const Recommendation& answer, std::string_view text) {
  return std::any_of(answer.reasons.begin(), answer.reasons.end(),
                     [&](const std::string& reason) { return reason.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("The highest level with 99 % is recommended, with room kept", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 5, .success_percent = 100},
                                            {.target = 10, .success_percent = 99},
                                            {.target = 20, .success_percent = 90.06}};
  const Recommendation answer = Recommend(levels);
  CHECK(answer.highest_99 == 10);
  CHECK(answer.highest_95 == 10);
  CHECK(answer.base == 10);
  CHECK(*answer.at_70 == Approx(7));
  CHECK(*answer.at_80 == Approx(8));
  CHECK(*answer.at_90 == Approx(9));
  CHECK(answer.saturation == 20);
  CHECK(answer.saturation_reason == "success 90.1 % at 20 requests/s");
  CHECK(Says(answer, "saturated: success 90.1 % at 20 requests/s"));
}

TEST_CASE("When every level held, saturation was not reached", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 5, .success_percent = 100},
                                            {.target = 10, .success_percent = 99.5}};
  const Recommendation answer = Recommend(levels);
  CHECK(answer.highest_99 == 10);
  CHECK_FALSE(answer.saturation);
  CHECK(answer.saturation_reason.empty());
  CHECK(Says(answer, "saturation was not reached: every level up to 10 requests/s"));
}

TEST_CASE("A level above one that failed is not recommended, in whatever order they ran",
          "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 20, .success_percent = 100},
                                            {.target = 5, .success_percent = 100},
                                            {.target = 10, .success_percent = 94}};
  const Recommendation answer = Recommend(levels);
  CHECK(answer.highest_99 == 5);
  CHECK(answer.highest_95 == 5);
  CHECK(answer.saturation == 10);
}

TEST_CASE("Without a level of 99 % the recommendation is from 95 %", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 5, .success_percent = 98},
                                            {.target = 10, .success_percent = 96}};
  const Recommendation answer = Recommend(levels);
  CHECK_FALSE(answer.highest_99);
  CHECK(answer.highest_95 == 10);
  CHECK(answer.base == 10);
  CHECK(Says(answer, "99 % success ends before 5 requests/s: success 98.0 % at 5 requests/s"));
}

TEST_CASE("Nothing is recommended when the lowest level failed", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 5, .success_percent = 20}};
  const Recommendation answer = Recommend(levels);
  CHECK_FALSE(answer.base);
  CHECK_FALSE(answer.at_70);
  CHECK(answer.saturation == 5);
  CHECK(Says(answer, "not even the lowest level held"));
  CHECK(Recommend({}).reasons.empty());
  CHECK_FALSE(Recommend({}).saturation);
}

TEST_CASE("A level beyond the SLO saturates like one that fails", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 5, .success_percent = 100},
                                            {.target = 10, .success_percent = 100, .slo_met = false}};
  const Recommendation answer = Recommend(levels);
  CHECK(answer.highest_99 == 5);
  CHECK(answer.saturation == 10);
  CHECK(answer.saturation_reason == "the SLO was missed at 10 requests/s");
}

TEST_CASE("A level with a growing queue saturates although every request succeeded",
          "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {
      {.target = 5, .success_percent = 100},
      {.target = 10, .success_percent = 100, .broken_by = "a queue grew (by much)"},
      {.target = 20, .success_percent = 100}};
  const Recommendation answer = Recommend(levels);
  CHECK(answer.highest_99 == 5);
  CHECK(answer.highest_95 == 5);
  CHECK(answer.saturation == 10);
  CHECK(answer.saturation_reason == "a queue grew (by much) at 10 requests/s");
}

TEST_CASE("A level that is too short to judge is doubted, and beyond the knee it is no base",
          "[metrics][recommendation]") {
  const auto level = [](double target, Duration p50) {
    return LevelSummary{
        .target = target, .success_percent = 100, .e2e_p50 = p50, .too_short = "too short to tell"};
  };
  const Recommendation doubted = Recommend(std::vector{level(5, 1s), level(20, 1900ms)});
  CHECK(doubted.base == 20);
  CHECK_FALSE(doubted.unproven);
  CHECK(Says(doubted, "doubtful: 20 requests/s was too short to tell"));
  CHECK_FALSE(Says(doubted, "doubtful: 5 requests/s"));
  const Recommendation beyond = Recommend(std::vector{level(5, 1s), level(20, 1900ms), level(80, 7s)});
  CHECK(beyond.base == 20);
  CHECK(beyond.highest_95 == 20);
  CHECK(beyond.unproven == 80);
  CHECK_FALSE(beyond.saturation);
  CHECK(Says(beyond, "80 requests/s cannot be recommended: too short to tell"));
}

TEST_CASE("What a search found is the base, and its reason is the saturation's",
          "[metrics][recommendation]") {
  const std::vector<LevelSummary> trials = {
      {.target = 10, .success_percent = 100},
      {.target = 20, .success_percent = 100, .broken_by = "a queue grew (by much)"},
      {.target = 12, .success_percent = 98, .is_client_valid = false},
      {.target = 12, .success_percent = 100, .send_lag_p99 = 20ms, .is_client_valid = false},
      {.target = 12, .success_percent = 100, .send_lag_p99 = 35ms},
      {.target = 13, .success_percent = 100, .broken_by = "ttft_p99 was 812 ms, limit 500 ms"},
      {.target = 16,
       .success_percent = 100,
       .broken_by = "a queue grew (by more)",
       .is_client_valid = false}};
  const CapacityAnswer found{.load = 12, .failed_at = 13};
  const Recommendation answer = Recommend(trials, {.capacity = found});
  CHECK(answer.base == 12);
  CHECK(*answer.at_90 == Approx(10.8));
  CHECK(answer.saturation == 13);
  CHECK(answer.saturation_reason == "ttft_p99 was 812 ms, limit 500 ms at 13 requests/s");
  CHECK_FALSE(Says(answer, "SLO was missed"));
  // Each doubt once, with the worst figure, and only at the two ends.
  CHECK(Says(answer, "sent more than 35.0 ms late"));
  CHECK_FALSE(Says(answer, "sent more than 20.0 ms late"));
  CHECK(Says(answer, "the client was SUSPECT at 12 requests/s, so"));
  CHECK(std::count_if(answer.reasons.begin(), answer.reasons.end(),
                      [](const std::string& reason) { return reason.starts_with("doubtful"); }) == 2);
}

TEST_CASE("A search that no load broke has not reached saturation", "[metrics][recommendation]") {
  const std::vector<LevelSummary> trials = {{.target = 10, .success_percent = 100},
                                            {.target = 20, .success_percent = 100}};
  const Recommendation answer = Recommend(trials, {.capacity = CapacityAnswer{.load = 20}});
  CHECK(answer.base == 20);
  CHECK_FALSE(answer.saturation);
  CHECK(Says(answer, "saturation was not reached: every load up to 20 requests/s was sustained"));
}

TEST_CASE("A level without any request proves nothing", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 5, .success_percent = 100}, {.target = 10}};
  CHECK(Recommend(levels).highest_99 == 5);
  CHECK(Recommend(levels).saturation_reason == "no request ended at 10 requests/s");
}

TEST_CASE("A target that was tried twice has to hold twice", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 10, .success_percent = 100},
                                            {.target = 5, .success_percent = 100},
                                            {.target = 10, .success_percent = 90}};
  CHECK(Recommend(levels).highest_99 == 5);
  CHECK(Recommend(levels).saturation == 10);
}

TEST_CASE("A success just below a limit is not printed as the limit", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 5, .success_percent = 94.99}};
  CHECK(Recommend(levels).saturation_reason == "success 94.990 % at 5 requests/s");
}

TEST_CASE("The latency knee is where the median doubles and stays so", "[metrics][recommendation]") {
  const auto level = [](double target, Duration p50) {
    return LevelSummary{.target = target, .success_percent = 100, .ttft_p99 = 40ms, .e2e_p50 = p50};
  };
  // One slow level between fast ones is no knee.
  const std::vector<LevelSummary> levels = {level(1, 100ms), level(2, 250ms), level(5, 200ms),
                                            level(10, 201ms), level(20, 900ms)};
  const Recommendation answer = Recommend(levels);
  CHECK(answer.latency_knee == 10);
  CHECK(Says(answer, "latency knee at 10 requests/s"));
  CHECK(Says(answer, "(201.0 ms)"));
  CHECK_FALSE(Recommend(std::span(levels).first(3)).latency_knee);
}

TEST_CASE("Doubts about the client are named and move no level", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 100,
                                             .success_percent = 100,
                                             .sent_per_second = 80,
                                             .send_lag_p99 = 35ms,
                                             .is_client_valid = false}};
  const Recommendation answer = Recommend(levels);
  CHECK(answer.highest_99 == 100);
  CHECK(Says(answer, "1 % of the requests were sent more than 35.0 ms late"));
  CHECK(Says(answer, "only 80.0 requests/s were sent"));
  CHECK(Says(answer, "the client was SUSPECT at 100 requests/s"));
}

TEST_CASE("Levels of users are spoken of as users", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {{.target = 64, .success_percent = 50, .sent_per_second = 2}};
  const Recommendation answer = Recommend(levels, {.unit = "users", .targets_are_rates = false});
  CHECK(answer.saturation_reason == "success 50.0 % at 64 users");
  CHECK_FALSE(Says(answer, "requests/s"));
}

TEST_CASE("All at once is no rate to recommend", "[metrics][recommendation]") {
  const std::vector<LevelSummary> levels = {
      {.target = std::numeric_limits<double>::infinity(), .success_percent = 100}};
  CHECK_FALSE(Recommend(levels).base);
}

TEST_CASE("Levels are graded at 95 and 80 percent", "[metrics][recommendation]") {
  CHECK(ToString(GradeOf(95)) == "PASS");
  CHECK(ToString(GradeOf(94.99)) == "DEGRADED");
  CHECK(ToString(GradeOf(80)) == "DEGRADED");
  CHECK(ToString(GradeOf(79.9)) == "FAIL");
}
