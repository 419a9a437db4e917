#include "llmdyno/experiment/level_series.h"

#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

// Levels that end as the script says, by index.
struct Script {
  std::vector<LevelEnd> ends;
  std::vector<double> ran;
  std::vector<Duration> pauses;
  bool stop_in_pause = false;

  LevelSeriesSteps Steps() {
    return {[this](int64_t index, double target) -> absl::StatusOr<LevelEnd> {
              ran.push_back(target);
              return ends[static_cast<size_t>(index)];
            },
            [this](Duration time) {
              pauses.push_back(time);
              return !stop_in_pause;
            }};
  }
};

TEST_CASE("Levels run in the order given, with a pause between two of them") {
  Script script{{{100, false, ""}, {99, false, ""}, {98, false, ""}}, {}, {}, false};
  const auto result = RunLevelSeries({{5, 1, 10}, std::chrono::seconds(3), 50}, script.Steps());
  REQUIRE(result.ok());
  REQUIRE(script.ran == std::vector<double>{5, 1, 10});
  REQUIRE(script.pauses == std::vector<Duration>(2, std::chrono::seconds(3)));
  REQUIRE(result->skipped.empty());
  REQUIRE(result->skip_reason.empty());
}

TEST_CASE("A level below the success limit is the last one, and the skipped ones are named") {
  Script script{{{100, false, ""}, {49.9, false, ""}}, {}, {}, false};
  const auto result = RunLevelSeries({{1, 5, 10, 20}, {}, 50}, script.Steps());
  REQUIRE(result.ok());
  REQUIRE(result->levels_run == 2);
  REQUIRE(result->skipped == std::vector<double>{10, 20});
  REQUIRE(result->skip_reason == "success 49.9 % at 5 is below 50 %");
}

TEST_CASE("Half of the requests succeeding is enough to go on") {
  Script script{{{50, false, ""}, {100, false, ""}}, {}, {}, false};
  REQUIRE(RunLevelSeries({{1, 2}, {}, 50}, script.Steps())->levels_run == 2);
}

TEST_CASE("An interrupted level ends the series and skips the rest") {
  Script script{{{100, false, ""}, {100, true, ""}}, {}, {}, false};
  const auto result = RunLevelSeries({{1, 2, 3}, {}, 50}, script.Steps());
  REQUIRE(result->interrupted);
  REQUIRE(result->levels_run == 2);
  REQUIRE(result->skipped == std::vector<double>{3});
  REQUIRE(result->skip_reason == "interrupted");
}

TEST_CASE("An interrupt during the pause skips the level that was to follow") {
  Script script{{{100, false, ""}, {100, false, ""}}, {}, {}, true};
  const auto result = RunLevelSeries({{1, 2}, std::chrono::seconds(1), 50}, script.Steps());
  REQUIRE(result->interrupted);
  REQUIRE(script.ran == std::vector<double>{1});
  REQUIRE(result->skipped == std::vector<double>{2});
}

TEST_CASE("An endpoint that refuses ends the series with its reason") {
  Script script{{{0, false, "the endpoint refuses every request: HTTP 401"}}, {}, {}, false};
  const auto result = RunLevelSeries({{1, 2}, {}, 50}, script.Steps());
  REQUIRE(result->skip_reason == "the endpoint refuses every request: HTTP 401");
}

}  // namespace
}  // namespace llmdyno
