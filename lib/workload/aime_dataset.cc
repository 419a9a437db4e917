#include "llmdyno/workload/aime_dataset.h"

#include <filesystem>

namespace llmdyno {

std::optional<std::string> FindAimeFile(const std::string& directory) {
  for (const char* name : {"aime.jsonl", "aime.json", "aime.csv", "aime.txt"}) {
    const std::filesystem::path path = std::filesystem::path(directory) / name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) return path.string();
  }
  return std::nullopt;
}

}  // namespace llmdyno
