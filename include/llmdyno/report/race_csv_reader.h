// Reads a race's CSV back: ours, or any well-formed one with the same 14 columns. Comparisons and prices read
// races by it. A pure function but for reading the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// The sums of a CSV. Timestamps have a resolution of one second, and so has what is computed from them.
struct RaceCsvTotals {
  int64_t requests = 0;
  int64_t successful = 0;  // status 200
  int64_t failed = 0;
  int64_t users = 0;  // distinct user ids
  int64_t output_tokens = 0;
  int64_t input_tokens = 0;
  // From the earliest start, min(timestamp - end_to_end), to the last timestamp; off by up to one second.
  // Empty without rows.
  std::optional<Duration> span;
};

// Columns are found by name, so their order does not matter and more may be there; the text columns may be
// absent. InvalidArgument names the file, the line and what was expected; NotFound when it cannot be opened.
absl::StatusOr<RaceCsvTotals> ReadRaceCsv(const std::string& path);

}  // namespace llmdyno
