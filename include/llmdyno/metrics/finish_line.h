// The one place that says how a record enters the accounts of a race.
//
// A race ends at an instant, the finish line, and is judged as at that instant. The metrics and the CSV both
// ask here, so that the rows of one add up to the totals of the other (docs/metrics.md, "The finish line").
// RunMetricsBuilder and the CSV call it. A pure function.
#pragma once

#include <cstdint>
#include <optional>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

// What had become of a request when the race ended.
enum class Standing {
  kSucceeded,  // had ended ok
  kFailed,     // had ended otherwise
  kUnderWay,   // was in flight and had produced tokens: a success with the tokens it had by then
  kWaiting,    // was in flight without a token: not in the race's totals, reported apart
};

// What one record adds to the race's totals.
struct RaceShare {
  Standing standing = Standing::kSucceeded;
  int64_t output_tokens = 0;              // by the line
  int64_t input_tokens = 0;               // of successes and of requests under way; else 0
  TimePoint until;                        // the end of the request, or the line
  std::optional<TimePoint> last_text_at;  // the last text by `until`

  bool counts() const { return standing != Standing::kWaiting; }
  bool ok() const { return standing == Standing::kSucceeded || standing == Standing::kUnderWay; }
};

// `line` is the finish line if it was known when the record arrived. A record that was delivered before the
// line had ended by then, so nothing means: judge it as ended.
RaceShare JudgeAtLine(const RequestRecord& record, std::optional<TimePoint> line);

}  // namespace llmdyno
