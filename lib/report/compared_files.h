// What result files of each kind say, in the names of ComparedMetrics().
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/report/compared_result.h"
#include "report/report_json.h"

namespace llmdyno {

// Each takes a parsed file of its kind and throws nlohmann's exceptions where it is not what it should be.
// Levels have no runs yet.
ComparedResult ComparedRace(const Json& summary);
ComparedResult ComparedQps(const Json& levels, const Json& metadata);
ComparedResult ComparedServing(const Json& result);
ComparedResult ComparedSweep(const Json& result);

// "2025-01-31T12:00:00.000Z" of a level, by which its records are found; empty when it has none.
std::string StartedAt(const Json& level);

}  // namespace llmdyno
