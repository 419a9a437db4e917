// Carries a sweep out: levels and runs, progress, files, summary. What is sent, and how it is spelled, is the
// business of the app.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "cli/session.h"
#include "cli/trust_options.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/experiment/sweep.h"
#include "llmdyno/load/load_model.h"
#include "llmdyno/report/sweep_report.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

struct SweepJob {
  std::string program;  // as in usage lines
  RunSpec run;          // endpoint, limits, seed; its load and its workload are not looked at
  std::shared_ptr<const Dialect> dialect;
  SweepConfig sweep;
  std::vector<ShapeCell> cells;               // of a grid, one per level; else empty
  std::vector<std::string> sequence_lengths;  // of an embedding benchmark, one per level; else empty
  RetryPolicy retry = {};
  std::optional<int64_t> dimension;  // of the vectors, when it is asked for
  SelftestFile selftest = {};
  TrustOptions trust = {};
  SweepReport report;  // as far as it is known beforehand

  std::string results_file;
  bool resume = false;
  std::string plot;  // a picture's path; empty for none
  bool plain = false;

  // The requests of a run of a level, or of its warm-up (run < 0). Cancelled when the user stopped it; that
  // ends the sweep as an interrupt does.
  std::function<absl::StatusOr<std::vector<Request>>(const SweepLevel&, int64_t run)> prepare;
  // The load of a measured run; empty: as many requests in flight as the level says, all from the start.
  std::function<absl::StatusOr<std::unique_ptr<LoadModel>>(const SweepLevel&)> make_load;
};

// Opens the files, measures every level that they do not have yet, saves after each, prints the summary.
// Signals draw the finish line; what was measured by then is kept.
absl::StatusOr<ExitStatus> RunSweepJob(SweepJob job, Session& session);

}  // namespace llmdyno
