// The entries of a sweep's result file, one per level. The summary on the console is made from them, too, so
// that levels of an earlier run stand in it beside the new ones.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/report/sweep_report.h"
#include "report/report_json.h"

namespace llmdyno {

struct SweepEntry {
  std::string key;
  Json json;
  bool was_kept = false;  // measured by an earlier run
};

// What was measured and what was kept, in the order of the file. A level that is both is the measured one;
// a kept one that is no JSON object is left out.
std::vector<SweepEntry> SweepEntries(const SweepReport& report);

// Of one level, in the schema of the report's kind.
Json SweepEntryJson(const SweepReport& report, const SweepLevelReport& level);

}  // namespace llmdyno
