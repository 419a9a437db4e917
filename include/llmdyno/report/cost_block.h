// The cost of a finished race in words. `llmdyno report` calls it. A pure function.
#pragma once

#include <string>

#include "llmdyno/base/money.h"
#include "llmdyno/report/run_digest.h"

namespace llmdyno {

// Tokens, time, throughput and the price of a million tokens; says where the time came from. Ends in a
// newline.
std::string FormatCostBlock(const RunDigest& run, MicroUsd per_hour);

}  // namespace llmdyno
