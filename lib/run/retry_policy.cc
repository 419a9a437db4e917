#include "llmdyno/run/retry_policy.h"

#include <algorithm>
#include <string>

#include "llmdyno/load/stop_condition.h"

namespace llmdyno {

absl::Status RetryPolicy::Validate() const {
  constexpr int kMostAttempts = 100;
  if (max_attempts < 1 || max_attempts > kMostAttempts) {
    return absl::InvalidArgumentError("max_attempts is " + std::to_string(max_attempts) + ": expected 1 to " +
                                      std::to_string(kMostAttempts));
  }
  if (first_pause < Duration::zero() || max_pause < first_pause) {
    return absl::InvalidArgumentError("the pause before a retry must be 0 or more, and at most max_pause");
  }
  return absl::OkStatus();
}

bool RetryPolicy::Allows(const RequestRecord& record) const {
  const Outcome& outcome = record.outcome;
  return !outcome.ok() && outcome.cls != OutcomeClass::kCancelled && !IsRefusal(outcome) &&
         record.attempts < max_attempts;
}

Duration RetryPolicy::PauseAfter(const RequestRecord& record) const {
  Duration pause = first_pause;
  for (int i = 1; i < record.attempts && pause < max_pause; ++i) pause *= 2;
  return std::min(max_pause, std::max(pause, record.outcome.retry_after.value_or(Duration::zero())));
}

}  // namespace llmdyno
