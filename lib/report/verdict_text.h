// The verdict as consoles show it.
#pragma once

#include <string>
#include <vector>

#include "llmdyno/metrics/validity.h"

namespace llmdyno {

// "VALID: …" or "SUSPECT: …".
std::string VerdictLine(bool is_valid);

// A sentence for each caveat ("note: …"). Where tables mark percentiles of too few samples with ~ that one
// is left out.
std::vector<std::string> CaveatSentences(const Validity& validity, bool marks_thin);

// What holds for all of several levels, given the names of those that are SUSPECT:
// "VALID at every level: …", "SUSPECT at 5, 10 requests/s: …".
std::string VerdictOfLevels(const std::vector<std::string>& suspect_levels);

}  // namespace llmdyno
