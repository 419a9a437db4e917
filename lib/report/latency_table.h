// The latencies of the final block: a row for each, with mean, percentiles and the number of samples.
#pragma once

#include <string>

#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// Percentiles with too few samples behind them are marked, and a last line says what the mark means.
std::string FormatLatencyTable(const RunMetrics& metrics);

}  // namespace llmdyno
