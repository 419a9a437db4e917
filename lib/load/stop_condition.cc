#include "llmdyno/load/stop_condition.h"

#include <algorithm>
#include <array>
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
    case StopReason::kRefused:
      return "refused";
    case StopReason::kDrainDeadline:
      return "drain_deadline";
    case StopReason::kInterrupted:
      return "interrupted";
    case StopReason::kPluginFault:
      return "plugin_fault";
  }
  return "unknown";
}

bool IsRefusal(const Outcome& outcome) {
  switch (outcome.cls) {
    case OutcomeClass::kDnsFailed:
    case OutcomeClass::kTlsFailed:
      return true;
    case OutcomeClass::kHttpStatus:
      break;
    default:
      return false;
  }
  constexpr std::array kRefusals = {400, 401, 403, 404, 405, 422};
  return std::find(kRefusals.begin(), kRefusals.end(), outcome.http_status.value_or(0)) != kRefusals.end();
}

absl::Status StopCondition::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(CheckCount("output_tokens", output_tokens));
  LLMDYNO_RETURN_IF_ERROR(CheckCount("requests", requests));
  LLMDYNO_RETURN_IF_ERROR(CheckSpan("duration", duration));
  LLMDYNO_RETURN_IF_ERROR(CheckSpan("max_duration", max_duration));
  LLMDYNO_RETURN_IF_ERROR(CheckCount("consecutive_failures_at_start", consecutive_failures_at_start));
  LLMDYNO_RETURN_IF_ERROR(CheckCount("consecutive_failures", consecutive_failures));
  LLMDYNO_RETURN_IF_ERROR(CheckCount("refusals_at_start", refusals_at_start));
  return CheckSpan("settle", settle);
}

bool StopCondition::MayIssue(const RunTotals& totals) const {
  return !Reached(totals.requests_issued, requests);
}

std::optional<StopReason> StopCondition::Judge(const RunTotals& totals) const {
  if (Reached(totals.output_tokens, output_tokens)) return StopReason::kTargetTokens;
  if (totals.requests_ok == 0 && Reached(totals.refusals_at_start, refusals_at_start)) {
    return StopReason::kRefused;
  }
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
  if (settle && totals.all_issued_at && totals.now - *totals.all_issued_at >= *settle) {
    return StopReason::kDrainDeadline;
  }
  return std::nullopt;
}

TimePoint StopCondition::Deadline(const RunTotals& totals) const {
  const Duration first = std::min(duration.value_or(Duration::max()), max_duration.value_or(Duration::max()));
  const TimePoint over = Later(totals.started_at, first);
  return settle && totals.all_issued_at ? std::min(over, Later(*totals.all_issued_at, *settle)) : over;
}

}  // namespace llmdyno
