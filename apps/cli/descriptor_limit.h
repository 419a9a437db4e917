// Many streams need many file descriptors.
#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace llmdyno {

// Raises this process's soft limit as far as it may. FailedPrecondition with a sentence that says what is
// needed when that is not enough.
absl::Status RaiseDescriptorLimit(int64_t needed);

}  // namespace llmdyno
