// metadata.json and benchmark_qps_results.json of a QPS benchmark (docs/result-files.md): the keys of the
// reference systems, more keys beside them. Pure functions. The QPS benchmark writes them behind each level.
#pragma once

#include <string>

#include "llmdyno/report/serving_report.h"

namespace llmdyno {

// Indented, ending in a newline; no secret, no NaN.
std::string QpsMetadataJson(const ServingReport& report);
// An array with one object per level that ended.
std::string QpsResultsJson(const ServingReport& report);
// One object for a load that was run alone: `level` is that object, and about it what one has to know without
// metadata.json. Needs exactly one level.
std::string LevelResultJson(const ServingReport& report);

}  // namespace llmdyno
