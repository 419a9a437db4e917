// One element of benchmark_qps_results.json.
#pragma once

#include "llmdyno/report/serving_report.h"
#include "report/report_json.h"

namespace llmdyno {

// The keys of the reference systems in their order, then ours.
Json LevelJson(const ServingReport& report, const LevelReport& level);

// What only some runs have: the measurement error on this machine, the repetitions and their spread.
void AddTrustKeys(Json& json, const LevelReport& level);

// A target in a file: a number, or "inf".
Json LoadJson(double load);

}  // namespace llmdyno
