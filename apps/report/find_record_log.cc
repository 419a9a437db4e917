#include "report/find_record_log.h"

#include <filesystem>

namespace llmdyno {

absl::StatusOr<std::string> FindRecordLog(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(path, error)) return absl::NotFoundError("there is no file or folder '" + path + "'");
  const fs::path given(path);
  const bool is_folder = fs::is_directory(given, error);
  if (!is_folder && given.extension() != ".json" && given.extension() != ".csv") return path;
  const fs::path log = (is_folder ? given : given.parent_path()) / "records.jsonl";
  if (!fs::is_regular_file(log, error)) {
    return absl::NotFoundError("there is no records.jsonl " + std::string(is_folder ? "in '" : "beside '") +
                               path + "'");
  }
  return log.string();
}

}  // namespace llmdyno
