// What a sweep would send, for those who want to see it first.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/core/request.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/experiment/sweep.h"
#include "llmdyno/run/run_spec.h"

namespace llmdyno {

// Of each level its requests and their tokens, and its first prompt. `prepare` as in SweepJob.
absl::StatusOr<std::string> DescribeDryRun(
    const RunSpec& run, const Dialect& dialect, const SweepConfig& sweep,
    const std::function<absl::StatusOr<std::vector<Request>>(const SweepLevel&, int64_t run)>& prepare);

}  // namespace llmdyno
