// Reads the simulated endpoint's log (docs/simulator.md, "The log") as the truth about its requests. The
// self-test calls it behind its levels. A pure function but for reading the file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/core/request_truth.h"

namespace llmdyno {

// Requests for anything but streamed tokens have no token instants and are read all the same. NotFound when
// the file cannot be read. DataLoss, with its number, for a line that is none of such a log; the last line
// may be cut, as it is when the server was killed, and is left out then.
absl::StatusOr<RequestTruths> ReadRequestTruths(const std::string& path);

}  // namespace llmdyno
