// Several races side by side. `llmdyno report` calls it. A pure function.
#pragma once

#include <span>
#include <string>

#include "llmdyno/report/run_digest.h"

namespace llmdyno {

// One line per run: configuration, users, time, tokens, throughput, success, and the difference of the
// throughput to the first run in percent. Ends in a newline.
std::string FormatComparison(std::span<const RunDigest> runs);

}  // namespace llmdyno
