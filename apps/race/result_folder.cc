#include "race/result_folder.h"

#include <ctime>
#include <filesystem>

namespace llmdyno {

absl::StatusOr<ResultFolder> MakeResultFolder(const std::string& parent, WallTime now) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::tm local{};
  localtime_r(&seconds, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);

  std::error_code error;
  std::filesystem::create_directories(parent, error);
  for (int attempt = 1; attempt < 100 && !error; ++attempt) {
    ResultFolder folder;
    folder.stamp = attempt == 1 ? stamp : std::string(stamp) + "-" + std::to_string(attempt);
    folder.path = parent + "/million-tokens-" + folder.stamp;
    if (std::filesystem::create_directory(folder.path, error)) return folder;
  }
  return absl::InvalidArgumentError("--output-dir: cannot make a result folder under '" + parent +
                                    "': " + (error ? error.message() : "too many of this second"));
}

}  // namespace llmdyno
