// `metadata` of a sweep's result file. --resume compares them, so that levels of another sweep are never
// mixed in.
#pragma once

#include <vector>

#include "llmdyno/report/sweep_report.h"
#include "report/report_json.h"
#include "report/sweep_entry.h"

namespace llmdyno {

inline constexpr const char* kSweepFormat = "llmdyno-sweep";

// "completion", "simple", "shapes", "embedding".
const char* ToString(SweepKind kind);

// The keys of the predecessors' schemas first, then ours.
Json SweepMetadataJson(const SweepReport& report, const std::vector<SweepEntry>& entries);

}  // namespace llmdyno
