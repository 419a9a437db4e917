// Keeps the result files that tests have the programs and the library write, so that the test `schemas: every
// file written in tests` can hold them against docs/schemas. ctest names the folder; without it nothing is
// kept.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "support/catch.h"

namespace llmdyno {

// A folder for one writer of the test that runs, named after it; empty when nothing is to be kept.
inline std::filesystem::path FolderForWritten() {
  static std::atomic<int> count = 0;
  const char* root = std::getenv("LLMDYNO_WRITTEN_FILES");
  if (root == nullptr || *root == '\0') return {};
  std::string name = Catch::getResultCapture().getCurrentTestName().substr(0, 80);
  for (char& c : name) {
    if (std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos) c = '_';
  }
  return std::filesystem::path(root) / name / (std::to_string(::getpid()) + "-" + std::to_string(++count));
}

// Whether files of this name are results that a schema describes.
inline bool IsResultName(const std::filesystem::path& file) {
  return file.extension() == ".json" || file.extension() == ".jsonl" || file.extension() == ".csv";
}

// A text that a writer made and that no file was made of.
inline void KeepWrittenText(std::string_view name, std::string_view text) {
  const std::filesystem::path folder = FolderForWritten();
  if (folder.empty()) return;
  std::filesystem::create_directories(folder);
  std::ofstream(folder / name, std::ios::binary) << text;
}

// One file, kept as `name`; nothing when it is not there.
inline void KeepWrittenFile(const std::filesystem::path& file, std::string_view name) {
  const std::filesystem::path folder = FolderForWritten();
  std::error_code none;
  if (folder.empty() || !std::filesystem::is_regular_file(file, none)) return;
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(file, folder / name, std::filesystem::copy_options::overwrite_existing);
}

// All result files below a folder but those that the test made itself.
inline void KeepWrittenFiles(const std::filesystem::path& from,
                             const std::function<bool(const std::filesystem::path&)>& is_of_test) {
  const std::filesystem::path to = FolderForWritten();
  std::error_code error;
  if (to.empty()) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(from, error)) {
    if (!entry.is_regular_file(error) || !IsResultName(entry.path()) || is_of_test(entry.path())) continue;
    const std::filesystem::path copy = to / entry.path().lexically_relative(from);
    std::filesystem::create_directories(copy.parent_path(), error);
    std::filesystem::copy_file(entry.path(), copy, std::filesystem::copy_options::overwrite_existing, error);
  }
}

// The files that a test made, so that they can be told from what was written meanwhile. A file that was
// written over since is none of them any more.
class FilesOfTest {
 public:
  void Add(const std::string& path, std::string_view text) const {
    texts_[path] = std::hash<std::string_view>()(text);
  }
  bool Has(const std::filesystem::path& path) const {
    const auto found = texts_.find(path.string());
    if (found == texts_.end()) return false;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return std::hash<std::string_view>()(text.view()) == found->second;
  }

 private:
  mutable std::map<std::string, size_t> texts_;  // what each was given
};

}  // namespace llmdyno
