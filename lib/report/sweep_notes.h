// What the reader of a sweep's tables has to know beside them: failures, lengths, doubts.
#pragma once

#include <string>

#include "llmdyno/report/sweep_report.h"
#include "report/sweep_entry.h"

namespace llmdyno {

// A line or more for each thing that is to be known of a level; empty when all went well.
std::string FormatSweepLevelNotes(const Json& entry);

// The same of all levels, each under its name, and what holds for all of them.
std::string FormatSweepNotes(const SweepReport& report, const std::vector<SweepEntry>& entries);

}  // namespace llmdyno
