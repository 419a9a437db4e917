// How long a sweep will still take, judged by the runs that have ended.
//
// A run of n requests with k in flight takes about n / k rounds, rounded up, and a round takes about as long
// as in the runs so far: those of the same level, or, for a level that is still to come, what the line
// through the two nearest levels says, for rounds get slower as more is in flight. A run with a duration
// takes that. Progress lines of sweeps ask it. Used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/experiment/sweep.h"

namespace llmdyno {

// Arithmetic on what it is told; a value.
class SweepEta {
 public:
  // Copies what it needs of it.
  explicit SweepEta(const SweepConfig& config);

  // As SweepSteps::run_ended, which is the place to call it from: run < 0 for a warm-up.
  void OnRunEnded(int64_t level_index, int64_t run, Duration took);

  // What is left when this run, or this warm-up (run < 0), has been under way for so long: its own rest and
  // all that follows. Absent before the first measured run has ended.
  std::optional<Duration> Left(int64_t level_index, int64_t run, Duration under_way = {}) const;

 private:
  struct Seen {
    double seconds = 0;  // of all its runs
    int64_t runs = 0;
  };

  double Rounds(size_t level) const;
  double SecondsPerRound(size_t level) const;
  double SecondsOfRun(size_t level) const;
  double SecondsOfWarmUp() const;

  std::vector<SweepLevel> levels_;
  int64_t runs_;
  bool has_warm_ups_;
  std::map<size_t, Seen> seen_;  // by level
  Seen warm_ups_;
};

}  // namespace llmdyno
