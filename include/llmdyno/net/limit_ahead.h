// Which time limit a transfer comes under, and until when: for who writes a transport. Inline, so that one
// without libcurl can judge alike. Pure functions.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/core/outcome.h"
#include "llmdyno/net/limit_watch.h"
#include "llmdyno/net/transfer_limits.h"

namespace llmdyno {

// How far a transfer has come.
struct TransferProgress {
  TimePoint started_at;
  std::optional<TimePoint> sent_at;
  std::optional<TimePoint> first_byte_at;
  TimePoint last_bytes_at;
};

struct LimitAhead {
  OutcomeClass cls = OutcomeClass::kTotalTimeout;  // of a transfer that exceeds it
  TimePoint at = kEndOfTime;                       // exceeded then, if nothing more happens
};

// The limit that ends first.
inline LimitAhead LimitAheadOf(const TransferProgress& progress, const TransferLimits& limits) {
  const LimitAhead total{OutcomeClass::kTotalTimeout, EndOfLimit(progress.started_at, limits.total)};
  LimitAhead phase;
  if (!progress.sent_at) {
    phase = {OutcomeClass::kConnectTimeout, EndOfLimit(progress.started_at, limits.connect)};
  } else if (!progress.first_byte_at) {
    phase = {OutcomeClass::kFirstByteTimeout, EndOfLimit(*progress.sent_at, limits.first_byte)};
  } else {
    phase = {OutcomeClass::kIdleTimeout, EndOfLimit(progress.last_bytes_at, limits.idle)};
  }
  return total.at <= phase.at ? total : phase;
}

// One of the four, in words.
inline std::string DescribeLimit(OutcomeClass cls, const TransferLimits& limits) {
  switch (cls) {
    case OutcomeClass::kTotalTimeout:
      return "not finished after " + ToString(limits.total);
    case OutcomeClass::kConnectTimeout:
      return "no connection after " + ToString(limits.connect);
    case OutcomeClass::kFirstByteTimeout:
      return "no byte of a response after " + ToString(limits.first_byte);
    default:
      return "nothing came for " + ToString(limits.idle);
  }
}

}  // namespace llmdyno
