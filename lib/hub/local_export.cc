#include "llmdyno/hub/local_export.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <system_error>

#include "hub/quoted_list.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

constexpr std::array kReadable = {".jsonl", ".json", ".csv", ".txt"};  // best first

// Descriptions of a set, which lie beside its rows.
constexpr std::array kNoRows = {"dataset_info", "dataset_dict", "dataset_infos", "state"};

using FilesOfSplits = std::map<std::string, std::vector<std::string>>;

std::string SuffixOf(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return suffix;
}

bool IsBinaryTable(const fs::path& path) {
  const std::string suffix = SuffixOf(path);
  return suffix == ".parquet" || suffix == ".arrow";
}

template <typename List>
bool IsOneOf(const std::string& text, const List& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// "train" of train.jsonl and of train-00000-of-00002.jsonl: names of splits have no dashes.
std::string SplitOf(const fs::path& file) {
  const std::string stem = file.stem().string();
  return stem.substr(0, stem.find('-'));
}

absl::Status Refuse(const fs::path& table) {
  return absl::InvalidArgumentError("'" + table.string() +
                                    "' is a binary table, which is not read here: export it where Python is "
                                    "at hand, with datasets.load_dataset(…)"
                                    "[split].to_json(\"train.jsonl\"), and name the folder of that");
}

struct Folder {
  FilesOfSplits splits;
  fs::path table;  // the first of Parquet or Arrow, if any
};

Folder Scan(const fs::path& path) {
  Folder folder;
  std::error_code ignored;
  std::vector<fs::path> files;
  // Not by a range-for, whose step throws.
  for (fs::directory_iterator entry(path, ignored); entry != fs::directory_iterator();
       entry.increment(ignored)) {
    std::error_code unreadable;
    if (entry->is_regular_file(unreadable)) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  // The first suffix that a split has: train.csv may be the same rows as train.jsonl.
  std::map<std::string, std::string> suffix_of_split;
  for (const char* suffix : kReadable) {
    for (const fs::path& file : files) {
      const std::string split = SplitOf(file);
      if (SuffixOf(file) != suffix || IsOneOf(split, kNoRows)) continue;
      if (suffix_of_split.try_emplace(split, suffix).first->second != suffix) continue;
      folder.splits[split].push_back(file.string());
    }
  }
  const auto table = std::find_if(files.begin(), files.end(), IsBinaryTable);
  if (table != files.end()) folder.table = *table;
  return folder;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindLocalExport(const std::string& path, const std::string& subset,
                                                         const std::string& split) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (IsBinaryTable(path)) return Refuse(path);
    return std::vector<std::string>{path};
  }
  std::vector<fs::path> places = {path, fs::path(path) / "data"};
  if (!subset.empty()) {
    places = {fs::path(path) / subset, fs::path(path) / subset / "data", fs::path(path) / "data" / subset};
    // An export of one subset has no folder for it.
    if (std::none_of(places.begin(), places.end(),
                     [&](const fs::path& place) { return fs::is_directory(place, error); })) {
      places = {path, fs::path(path) / "data"};
    }
  }
  // As save_to_disk writes it, a split is a folder of Arrow files.
  places.push_back(fs::path(path) / (split.empty() ? "train" : split));
  FilesOfSplits splits;
  fs::path table;
  for (const fs::path& place : places) {
    Folder folder = Scan(place);
    splits.merge(folder.splits);  // what an earlier place has stays
    if (table.empty()) table = folder.table;
  }
  const auto found = splits.find(split.empty() ? "train" : split);
  if (found != splits.end()) return found->second;
  if (splits.empty() && !table.empty()) return Refuse(table);
  if (splits.empty()) {
    return absl::InvalidArgumentError("the folder '" + path +
                                      "' holds no export of a dataset: expected files like train.jsonl, or "
                                      "data/train-00000-of-00001.jsonl");
  }
  if (split.empty()) return splits.begin()->second;
  std::vector<std::string> names;
  for (const auto& [name, files] : splits) names.push_back(name);
  return absl::InvalidArgumentError("the folder '" + path + "' has no split '" + split + "'; there are " +
                                    QuotedList(names));
}

}  // namespace llmdyno
