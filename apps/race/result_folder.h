// The folder of one race's files.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

struct ResultFolder {
  std::string path;   // "results/million-tokens-20251008-083653"
  std::string stamp;  // "20251008-083653", local time

  std::string File(const std::string& name) const { return path + "/" + name; }
};

// Makes a new folder under `parent`, and the parent too. Two races of the same second get two folders: the
// later one's name ends in -2. Unavailable with a sentence when the file system refuses.
absl::StatusOr<ResultFolder> MakeResultFolder(const std::string& parent, WallTime now);

}  // namespace llmdyno
