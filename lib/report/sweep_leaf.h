// Blocks of a sweep's result file that all its schemas share.
#pragma once

#include "llmdyno/report/sweep_report.h"
#include "report/report_json.h"

namespace llmdyno {

// {mean, std, n, p50, p90, p95, p99, min, max}. The standard deviation of one value is written as 0, as the
// readers of these schemas expect it; of none everything is null.
Json LeafJson(const Distribution& values);

// Of a run, from its start: its end, its first and its last success.
Json TimingsJson(const RunFigures& run);
Json ReliabilityJson(const SweepLevelMetrics& metrics);
// Rates of the steady-state window beside those of the whole runs.
Json SteadyStateJson(const SweepLevelMetrics& metrics);
// The buckets of the last run that had a success; null without one.
Json TimeSeriesJson(const SweepLevelMetrics& metrics);

// Lengths, token sources, adapters, failures, verdict: what every entry has behind the keys of its schema.
void AddSweepDetails(Json& entry, const SweepLevelReport& level);

}  // namespace llmdyno
