// Durations as people write them: "250ms", "1.5s", "2m", "1h", "40us"; a bare number is seconds. For command
// lines, settings and messages. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// Accepts a decimal number followed by ns, us, ms, s, m, h or nothing (seconds). Negative values, "inf" and
// anything else are InvalidArgument with a sentence that quotes the text.
absl::StatusOr<Duration> ParseDuration(std::string_view text);

// In the largest unit that divides evenly, so that ParseDuration reads it back exactly: "250ms", "90s",
// "1500ms", "0s".
std::string ToString(Duration duration);

}  // namespace llmdyno
