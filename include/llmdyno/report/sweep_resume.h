// What --resume may keep of a sweep's result file. The sweep calls it before it measures anything. Touches
// nothing but the file.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/report/sweep_report.h"

namespace llmdyno {

// What need not be measured again.
struct KeptLevels {
  std::string run_id;  // of the run that began the file
  std::vector<KeptLevel> levels;
};

// The levels of the results file at `path` that were measured to their end, in the order of the file: each
// with all its runs, and with a success. `wanted` is the sweep that is to go on, before anything was
// measured.
//
// FailedPrecondition when the file is of another sweep, naming the first setting that differs; levels may
// differ, for more of them can be added. InvalidArgument when the file is none of ours, NotFound
// when there is none.
absl::StatusOr<KeptLevels> ReadKeptLevels(const std::string& path, const SweepReport& wanted);

}  // namespace llmdyno
