// Lists of percentiles as people write them: "50,95,99.9". Flags are read with it. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// Numbers above 0 and below 100 with commas between them, in the order given; white space around them is
// free. The error names the first one that is none, or that is given twice.
absl::StatusOr<std::vector<double>> ParsePercentiles(std::string_view text);

// One of them, as in column heads and keys: "99", "99.9".
std::string PercentileText(double percentile);

}  // namespace llmdyno
