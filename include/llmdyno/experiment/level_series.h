// Several loads one after the other, each reported as soon as it ends. The QPS benchmark uses it. Blocks;
// calls its steps on the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// The loads, in the order in which they are run, in the caller's unit.
struct LevelSeriesConfig {
  std::vector<double> targets;
  Duration cool_down{};             // between two levels
  double min_success_percent = 50;  // a level below it is the last one
};

// What a level amounted to, as far as the series needs to know.
struct LevelEnd {
  double success_percent = 0;
  bool interrupted = false;
  std::string broke_off;  // why nothing further makes sense ("the endpoint refuses …"); empty: go on
};

// What a level is made of; the series itself knows no plans and no files.
struct LevelSeriesSteps {
  // Runs, saves and shows the level; `index` counts from 0.
  std::function<absl::StatusOr<LevelEnd>(int64_t index, double target)> run_level;
  // Waits; false when the user wants to stop.
  std::function<bool(Duration)> pause;
};

// How far the series came.
struct LevelSeriesResult {
  int64_t levels_run = 0;
  bool interrupted = false;
  std::vector<double> skipped;  // targets that were not run
  std::string skip_reason;      // empty when none was skipped
};

// Stops behind a level that was interrupted, broke off or had too little success; later targets are in
// `skipped`. Errors are those of run_level.
absl::StatusOr<LevelSeriesResult> RunLevelSeries(const LevelSeriesConfig& config,
                                                 const LevelSeriesSteps& steps);

}  // namespace llmdyno
