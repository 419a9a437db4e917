// Which record log a name on the command line means.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace llmdyno {

// The path itself, or the records.jsonl in a folder or beside a result file.
absl::StatusOr<std::string> FindRecordLog(const std::string& path);

}  // namespace llmdyno
