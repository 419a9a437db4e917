// The per-request CSV of a race: 14 columns, one row per request of the race (docs/result-files.md). Races
// hand it to the run among their sinks.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

// The header line, column by column.
inline constexpr std::array<std::string_view, 14> kRaceCsvColumns = {"request_id",
                                                                     "timestamp",
                                                                     "user_id",
                                                                     "user_request_num",
                                                                     "input_tokens",
                                                                     "output_tokens",
                                                                     "ttft_ms",
                                                                     "tpot_ms",
                                                                     "end_to_end_s",
                                                                     "total_tokens_per_sec",
                                                                     "output_tokens_per_sec",
                                                                     "status_code",
                                                                     "input_prompt",
                                                                     "output_text"};

// Where it is written, and what its rows need that records do not hold.
struct RaceCsvConfig {
  std::string path;
  // Which wall-clock time the monotonic instant `monotonic_origin` was; for the timestamp column.
  TimePoint monotonic_origin;
  WallTime wall_origin{};
  // False: the two text columns say [not saved].
  bool save_text = false;
};

// Creates (and truncates) the file and writes the header line. Rows are judged as at the finish line, so
// column 6 adds up to the race's output tokens; warm-up requests, and requests that had no token at the line,
// have no row. Rows reach the operating system at least once a second, from a thread of the sink's own; a
// full disk is reported by Close(). FailedPrecondition when it cannot be created.
absl::StatusOr<std::unique_ptr<RecordSink>> OpenRaceCsv(const RaceCsvConfig& config);

}  // namespace llmdyno
