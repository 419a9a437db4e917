// summary.json: the whole result of a race for programs (docs/result-files.md). The race writes it. Pure
// functions, the writing apart.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "llmdyno/report/report.h"

namespace llmdyno {

// The document as text, indented, ending in a newline. Units are in the keys; what is absent is null; there
// is no NaN.
std::string SummaryJson(const RaceReport& report);

// Writes it under a temporary name and renames it, so that a reader sees the old file or the new one, never
// half. Unavailable when it cannot be written.
absl::Status WriteSummaryJson(const std::string& path, const RaceReport& report);

}  // namespace llmdyno
