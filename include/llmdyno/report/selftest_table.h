// What a self-test prints. A pure function.
#pragma once

#include <string>

#include "llmdyno/report/selftest_report.h"

namespace llmdyno {

// The machine, errors by metric and number of streams, what each load cost, send errors, and what follows
// from it. Plain text, lines end in newlines.
std::string FormatSelftest(const SelftestReport& report);

}  // namespace llmdyno
