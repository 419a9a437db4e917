// Reads when the requests of a recorded trace came. The arrival process "trace" calls it before a run. A pure
// function but for reading the file.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// The file is JSON Lines; each line is an object with a number `timestamp` in milliseconds, and whatever else
// it holds is not looked at. Blank lines are no requests. The timestamps come back as they are written, in
// the order of the lines: eight bytes of memory each, however long the lines are. Errors name the file, the
// line and what is wrong with it. NotFound when it cannot be opened, InvalidArgument for a line of another
// shape and a file without requests, Unavailable when reading breaks down.
absl::StatusOr<std::vector<Duration>> ReadArrivalTrace(const std::string& path);

}  // namespace llmdyno
