#include "cli/result_folder.h"

#include <ctime>
#include <filesystem>

namespace llmdyno {

std::string FormatLocalTime(WallTime time, const std::string& format) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm local{};
  localtime_r(&seconds, &local);
  char stamp[64];
  const size_t length = std::strftime(stamp, sizeof stamp, format.c_str(), &local);
  return {stamp, length};
}

absl::StatusOr<ResultFolder> MakeResultFolder(const std::string& parent, const std::string& prefix,
                                              const std::string& stamp_format, WallTime now,
                                              const std::string& flag) {
  const std::string stamp = FormatLocalTime(now, stamp_format);
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  for (int attempt = 1; attempt < 100 && !error; ++attempt) {
    ResultFolder folder;
    folder.stamp = attempt == 1 ? stamp : stamp + "-" + std::to_string(attempt);
    folder.path = parent + "/" + prefix + folder.stamp;
    if (std::filesystem::create_directory(folder.path, error)) return folder;
  }
  return absl::InvalidArgumentError("--" + flag + ": cannot make a result folder under '" + parent +
                                    "': " + (error ? error.message() : "too many of this second"));
}

}  // namespace llmdyno
