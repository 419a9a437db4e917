// The report of a race from its record log alone: after a crash, a kill -9, or a year. `llmdyno report` calls
// it. Touches nothing but the file; any thread may call it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/report/report.h"

namespace llmdyno {

// Reads the log and computes what the run itself would have. Names come from the log's configuration (keys
// engine, model, base_url, users, seed, simulate, ignore_eos, price_per_hour, each optional). A log without a
// finish line gets a note that the run was cut; the verdict covers what records can tell. The log of a QPS
// benchmark is InvalidArgument: it has levels and no race.
absl::StatusOr<RaceReport> ReadReportFromRecordLog(const std::string& path);

}  // namespace llmdyno
