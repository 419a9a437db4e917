// What other benchmarks would have printed, from a record log: a user who comes from one finds its number.
// `llmdyno report` calls it. Pure functions, reading the file apart.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/metrics/tool_summary.h"

namespace llmdyno {

// The figures of all tools, for each level of a log.
struct ToolDefinitionsReport {
  std::string path;  // of the log
  bool is_simulated = false;
  bool is_cut = false;                      // the run was killed: requests in flight then are missing
  std::map<int64_t, ToolSummaries> levels;  // a race has one level; runs of a level are pooled
};

// Reads the log. InvalidArgument when not one measured request of it was answered in a stream, DataLoss when
// it is damaged.
absl::StatusOr<ToolDefinitionsReport> ReadToolDefinitions(const std::string& path);

// A table for each level: tool, figure, n, mean, p50, p99 in milliseconds, the formula; then what the record
// cannot tell. Ends in a newline.
std::string FormatToolDefinitions(const ToolDefinitionsReport& report);

}  // namespace llmdyno
