// The seven-line block of an offline batch: N requests, all there at once, raced to the end over HTTP. The
// race prints it when asked. A pure function.
#pragma once

#include <string>

#include "llmdyno/report/report.h"

namespace llmdyno {

// Total time, generations and tokens per second and per generation, in the layout that vLLM's offline sample
// prints; generations are the successful requests. Ends in a newline.
std::string FormatOfflineBlock(const RaceReport& report);

}  // namespace llmdyno
