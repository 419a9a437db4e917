// Runs the same thing several times in a row, so that one can see how much a result owes to chance.
//
// Knows neither what is run nor how it is judged: the caller makes a plan for each repetition, from the same
// seed, so that every one sends the same requests in the same order. Races, QPS and serving benchmarks use
// it. Blocks; calls its steps on the caller's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/experiment/level_run.h"
#include "llmdyno/metrics/repetitions.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/run/run_plan.h"

namespace llmdyno {

// How often, and how long it is quiet between two of them.
struct RepeatConfig {
  int64_t runs = 1;
  Duration cool_down{};  // between two of them
};

// What one repetition is made of.
struct RepeatSteps {
  // Of the run-th repetition, from 0. Its number and its ids are filled in by RunRepeated: ids go on where
  // those of the repetition before ended, from the first plan's.
  std::function<absl::StatusOr<RunPlan>(int64_t run)> make_plan;
  // Executes the plan, keeps what it measured, shows it.
  std::function<absl::StatusOr<RunResult>(RunPlan& plan, int64_t run)> execute;
  // Waits; false when the user wants to stop.
  std::function<bool(Duration)> pause;
};

// How far the repetitions came.
struct RepeatResult {
  int64_t runs = 0;             // that were executed
  bool interrupted = false;     // the user stopped it, in a run or between two
  int64_t next_request_id = 0;  // no run used this id or a later one
};

// Stops behind the first repetition that is not complete (IsCompleteRun). Errors are those of the steps.
absl::StatusOr<RepeatResult> RunRepeated(const RepeatConfig& config, const RepeatSteps& steps);

// The same of a level.
struct LevelRepeatSteps {
  std::function<absl::StatusOr<RunPlan>(int64_t run)> make_plan;
  std::function<absl::StatusOr<LevelRun>(RunPlan& plan, int64_t run)> execute;
  std::function<bool(Duration)> pause;
};

// A level's repetitions, in the order run.
struct RepeatedLevel {
  std::vector<LevelRun> runs;  // at least one
  size_t shown = 0;            // the one that stands for all: the median by completed requests per second
  std::vector<FigureSpread> spread;  // over the complete ones; empty below two
  RepeatResult repeated;

  const LevelRun& run() const { return runs[shown]; }
};

// Needs a config of at least one run. Errors are those of the steps.
absl::StatusOr<RepeatedLevel> RunRepeatedLevel(const RepeatConfig& config, const LevelRepeatSteps& steps);

}  // namespace llmdyno
