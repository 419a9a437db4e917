// What an embedding benchmark prints: a block after each configuration, a table with a row for each.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/report/sweep_report.h"
#include "report/sweep_entry.h"

namespace llmdyno {

// Of a level in which something succeeded.
std::string EmbeddingLevelText(const SweepReport& report, const SweepLevelMetrics& metrics);

// All configurations beside one another, and what they come to.
std::string EmbeddingSummaryText(const SweepReport& report, const std::vector<SweepEntry>& entries);

// "batch size 8, short", "concurrency 64, 200 words", "2.5 requests/s, E(128)"; empty for a key that is none.
std::string EmbeddingLevelName(const std::string& key);

}  // namespace llmdyno
