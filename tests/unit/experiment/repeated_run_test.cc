#include "llmdyno/experiment/repeated_run.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

// Executes nothing: each run draws ten requests and ends as told.
struct Scripted {
  std::vector<StopReason> ends;
  std::vector<int64_t> first_ids;
  std::vector<int64_t> runs;
  int64_t pauses = 0;
  bool user_stops = false;

  RepeatSteps Steps() {
    return {[](int64_t) -> absl::StatusOr<RunPlan> {
              RunPlan plan;
              plan.first_request_id = 7;  // behind a warm-up
              return plan;
            },
            [this](RunPlan& plan, int64_t run) -> absl::StatusOr<RunResult> {
              first_ids.push_back(plan.first_request_id);
              runs.push_back(plan.run);
              RunResult result;
              result.stop_reason = ends.at(static_cast<size_t>(run));
              result.requests_drawn = 10;
              return result;
            },
            [this](Duration) {
              ++pauses;
              return !user_stops;
            }};
  }
};

}  // namespace

TEST_CASE("Repetitions are numbered and no request id comes twice", "[experiment][repeat]") {
  Scripted script{.ends = {StopReason::kDuration, StopReason::kDuration, StopReason::kDuration}};
  const auto repeated = RunRepeated({.runs = 3}, script.Steps());
  REQUIRE(repeated.ok());
  CHECK(script.runs == std::vector<int64_t>{0, 1, 2});
  CHECK(script.first_ids == std::vector<int64_t>{7, 17, 27});
  CHECK(repeated->next_request_id == 37);
  CHECK(script.pauses == 2);
}

TEST_CASE("A repetition that does not end well is the last one", "[experiment][repeat]") {
  Scripted script{.ends = {StopReason::kDuration, StopReason::kInterrupted, StopReason::kDuration}};
  const auto repeated = RunRepeated({.runs = 3}, script.Steps());
  REQUIRE(repeated.ok());
  CHECK(repeated->runs == 2);
  CHECK(repeated->interrupted);
  CHECK(repeated->next_request_id == 27);
}

TEST_CASE("Who stops between two repetitions keeps those that ended", "[experiment][repeat]") {
  Scripted script{.ends = {StopReason::kDuration, StopReason::kDuration}, .user_stops = true};
  const auto repeated = RunRepeated({.runs = 2}, script.Steps());
  REQUIRE(repeated.ok());
  CHECK(repeated->runs == 1);
  CHECK(repeated->interrupted);
}

}  // namespace llmdyno
