// records.jsonl: the crash-safe log of a run, one JSON object per line (docs/record-log.md).
//
// The first line is a header (format, version, clocks' origin, the run's configuration), every other line one
// record, or the finish line. Lines reach the operating system at least once a second, so after `kill -9` at
// most the last second is missing and every line but perhaps the last is whole. Runs write it through a
// RecordSink, reports read it back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

// Instants in the log are nanoseconds since `monotonic_origin`; `wall_origin` says when that was.
struct RecordLogHeader {
  TimePoint monotonic_origin;
  WallTime wall_origin{};
  std::string configuration_json = "{}";  // the run's configuration, an object; holds no secret
};

// Opens (and truncates) the file and writes the header. The sink serializes on the caller's thread and writes
// on a thread of its own, so OnRecord never waits for the disk. Errors of the disk are reported by Close().
// FailedPrecondition when it cannot be created. InvalidArgument when the header's configuration is no JSON
// object.
absl::StatusOr<std::unique_ptr<RecordSink>> OpenRecordLog(const std::string& path,
                                                          const RecordLogHeader& header);

// One record as a JSON object, without the newline; appended to `line`.
void AppendRecordJson(const RequestRecord& record, TimePoint origin, std::string& line);

// What a log holds beside its records.
struct RecordLogContents {
  RecordLogHeader header;
  int64_t records = 0;
  std::optional<TimePoint> finish_line;  // absent when the run was killed before it
  std::string stop_reason;
  bool last_line_cut = false;  // the writer was killed in mid-line; that line is left out
};

// Streams the log through `visit`, one record at a time, and calls `on_finish_line` between the records where
// the line was crossed. A broken line that is not the last is DataLoss and names its number. NotFound when it
// cannot be opened.
absl::StatusOr<RecordLogContents> ReadRecordLog(
    const std::string& path, const std::function<void(const RequestRecord&)>& visit,
    const std::function<void(TimePoint, std::string_view)>& on_finish_line = {});

}  // namespace llmdyno
