// The folder of one run's files.
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

// Makes a new folder "PARENT/PREFIX + stamp", and the parent too; `stamp_format` is strftime's. Two runs of
// the same second get two folders: the later one's name ends in -2. InvalidArgument with a sentence that
// names `flag` when the file system refuses.
absl::StatusOr<ResultFolder> MakeResultFolder(const std::string& parent, const std::string& prefix,
                                              const std::string& stamp_format, WallTime now,
                                              const std::string& flag);

// Local time by strftime's format.
std::string FormatLocalTime(WallTime time, const std::string& format);

}  // namespace llmdyno
