#include "llmdyno/load/stop_condition.h"

#include <algorithm>
#include <string>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/status_macros.h"
#include "load/later.h"

namespace llmdyno {
namespace {

absl::Status CheckCount(std::string_view field, const std::optional<int64_t>& count) {
  if (!count || *count >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + " is " + std::to_string(*count) +
                                    ": expected 1 or more, or nothing for no such limit");
}

absl::Status CheckSpan(std::string_view field, const std::optional<Duration>& span) {
  if (!span || *span > Duration::zero()) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + " is " + ToString(*span) +
                                    ": expected more than 0s, or nothing for no such limit");
}

bool Reached(int64_t value, const std::optional<int64_t>& limit) { return limit && value >= *limit; }

}  // namespace

std::string_view ToString(StopReason reason) {
  switch (reason) {
    case StopReason::kTargetTokens:
      return "target_tokens";
    case StopReason::kTargetRequests:
      return "target_requests";
    case StopReason::kDuration:
      return "duration";
    case StopReason::kSourceExhausted:
      return "source_exhausted";
    case StopReason::kMaxDuration:
      return "max_duration";
    case StopReason::kConsecutiveFailures:
      return "consecutive_failures";
    case StopReason::kInterrupted:
      return "interrupted";
  }
  return "unknown";
}

absl::Status StopCondition::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(CheckCount("output_tokens", output_tokens));
  LLMDYNO_RETURN_IF_ERROR(CheckCount("requests", requests));
  LLMDYNO_RETURN_IF_ERROR(CheckSpan("duration", duration));
  LLMDYNO_RETURN_IF_ERROR(CheckSpan("max_duration", max_duration));
  LLMDYNO_RETURN_IF_ERROR(CheckCount("consecutive_failures_at_start", consecutive_failures_at_start));
  return CheckCount("consecutive_failures", consecutive_failures);
}

bool StopCondition::MayIssue(const RunTotals& totals) const {
  return !Reached(totals.requests_issued, requests);
}

std::optional<StopReason> StopCondition::Judge(const RunTotals& totals) const {
  if (Reached(totals.output_tokens, output_tokens)) return StopReason::kTargetTokens;
  // Before the other targets: ten requests that were asked for and all failed are not a target reached.
  const bool before_first_success = totals.requests_ok == 0 && consecutive_failures_at_start;
  if (Reached(totals.consecutive_failures,
              before_first_success ? consecutive_failures_at_start : consecutive_failures)) {
    return StopReason::kConsecutiveFailures;
  }
  if (Reached(totals.requests_ended, requests)) return StopReason::kTargetRequests;
  const Duration elapsed = totals.now - totals.started_at;
  if (duration && elapsed >= *duration) return StopReason::kDuration;
  if (max_duration && elapsed >= *max_duration) return StopReason::kMaxDuration;
  return std::nullopt;
}

TimePoint StopCondition::Deadline(TimePoint started_at) const {
  const Duration first = std::min(duration.value_or(Duration::max()), max_duration.value_or(Duration::max()));
  return Later(started_at, first);
}

}  // namespace llmdyno
