// A QPS benchmark from the flags to the result files.
#pragma once

#include "absl/status/statusor.h"
#include "cli/exit_status.h"
#include "qps/qps_options.h"

namespace llmdyno {

// Prints what a person should see: results on standard output, everything else on standard error.
absl::StatusOr<ExitStatus> RunQps(QpsOptions& options, const FlagTable& flags);

}  // namespace llmdyno
