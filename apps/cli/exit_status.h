// Exit statuses, the same for every app (docs/cli/README.md).
#pragma once

#include "absl/status/status.h"

namespace llmdyno {

enum ExitStatus : int {
  kExitOk = 0,             // the target was reached
  kExitInternal = 1,       // our own failure: a full disk, a bug
  kExitBadInput = 2,       // nothing was sent
  kExitEndpoint = 3,       // the endpoint is down, refuses, or is no such API
  kExitSafetyLimit = 4,    // --max-duration came before the target
  kExitSuspect = 5,        // --strict: the verdict is SUSPECT
  kExitAboveLimit = 6,     // llmdyno-selftest --max-p99-us: an error is larger
  kExitDifference = 7,     // llmdyno-report compare --fail-if: a condition failed
  kExitPluginFault = 8,    // a plugin misbehaved; what was measured until then is kept
  kExitInterrupted = 130,  // SIGINT
  kExitTerminated = 143,   // SIGTERM
};

// Bad input and missing files are the user's, what is unavailable is the endpoint's, the rest is ours.
inline ExitStatus ExitStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return kExitBadInput;
    case absl::StatusCode::kUnavailable:
      return kExitEndpoint;
    default:
      return kExitInternal;
  }
}

}  // namespace llmdyno
