// Puts a result file in place. Called by the apps with what the writers of this module return. Any thread may
// call it, but two at once not for one path.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace llmdyno {

// Writes under `path` + ".tmp" and renames: a reader sees the old file or the new one, whole. The error names
// the path and what the system said. Its code is Unavailable.
absl::Status WriteResultFile(const std::string& path, std::string_view text);

}  // namespace llmdyno
