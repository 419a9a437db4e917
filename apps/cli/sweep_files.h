// The files of a sweep: results, which are saved after each level, and the log of all requests beside them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/core/record_sink.h"
#include "llmdyno/report/sweep_report.h"

namespace llmdyno {

struct SweepFiles {
  std::string results;
  std::string records;
  std::unique_ptr<RecordSink> record_log;
};

// Gives the report its run id and, with `resume`, the levels that the results file has already; without it an
// older file of that name is kept under another one with its logs, and `diagnostics` says which. Opens the
// record log "NAME.records.jsonl" beside the results; a log that is there already is never written over.
// InvalidArgument when the older file is of another sweep, or the file system refuses. Without a level of
// `keys` left to measure there is no log (null).
absl::StatusOr<SweepFiles> OpenSweepFiles(const std::string& results_file, bool resume,
                                          const std::vector<std::string>& keys, const Clock& clock,
                                          const Diagnostics& diagnostics, SweepReport& report);

// Writes the results as they are now.
absl::Status SaveSweep(const SweepFiles& files, const SweepReport& report);

}  // namespace llmdyno
