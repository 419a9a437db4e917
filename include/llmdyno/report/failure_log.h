// failures.jsonl: the requests that failed and nothing else, one JSON object per line, to be held against the
// endpoint's own log (docs/result-files.md).
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

// Where it is written, and how instants become times of day.
struct FailureLogConfig {
  std::string path;
  TimePoint monotonic_origin;  // an instant of the run's clock,
  WallTime wall_origin{};      // and when that was: lines say the time of day
};

// Creates (and truncates) the file. OnRecord never waits for the disk; its errors are reported by Close().
absl::StatusOr<std::unique_ptr<RecordSink>> OpenFailureLog(const FailureLogConfig& config);

}  // namespace llmdyno
