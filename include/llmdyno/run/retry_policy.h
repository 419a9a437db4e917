// Whether, and when, a request that failed is sent again. The run loop asks it. A plain value.
#pragma once

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

// Nothing is sent again by default: a retry turns an endpoint's refusal into latency. With more attempts the
// record counts them, its latencies begin with the first, and its outcome is that of the last.
struct RetryPolicy {
  int max_attempts = 1;
  // Before the second attempt; doubled before each further one. A Retry-After counts instead when it asks for
  // more, up to max_pause.
  Duration first_pause = std::chrono::seconds(1);
  Duration max_pause = std::chrono::seconds(60);

  // The first problem in a sentence, naming the field and the accepted range.
  absl::Status Validate() const;

  // Of a request that has just ended: it failed, repeating it may help (not for IsRefusal, nor when it was
  // cancelled), and an attempt is left.
  bool Allows(const RequestRecord& record) const;
  // How long to wait before the next attempt; needs Allows(record).
  Duration PauseAfter(const RequestRecord& record) const;
};

}  // namespace llmdyno
