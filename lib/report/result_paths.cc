#include "report/result_paths.h"

#include <fstream>
#include <system_error>
#include <vector>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {

namespace fs = std::filesystem;

absl::StatusOr<Json> ReadJson(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot open '" + path + "'");
  Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded()) return absl::InvalidArgumentError("'" + path + "' is not JSON");
  return json;
}

std::string FindFile(const fs::path& result, const std::string& wanted) {
  std::error_code error;
  const fs::path name = fs::path(wanted).filename();
  const fs::path beside = result.parent_path() / name;
  if (!name.empty() && fs::is_regular_file(beside, error)) return beside.string();
  return !wanted.empty() && fs::is_regular_file(wanted, error) ? wanted : "";
}

std::string NameIn(const Json& json, const char* kind) {
  const Json::json_pointer where(std::string("/files/") + kind);
  return json.contains(where) && json.at(where).is_string() ? json.at(where).get<std::string>() : "";
}

absl::StatusOr<std::string> ResultIn(const std::string& folder) {
  std::error_code error;
  const fs::path root(folder);
  if (fs::is_regular_file(root / "summary.json", error)) return (root / "summary.json").string();
  if (fs::is_regular_file(root / "metadata.json", error)) {
    LLMDYNO_ASSIGN_OR_RETURN(const Json metadata, ReadJson((root / "metadata.json").string()));
    const std::string found = FindFile(root / "metadata.json", NameIn(metadata, "results"));
    if (!found.empty()) return found;
  }
  std::vector<std::string> jsons;
  for (const fs::directory_entry& entry : fs::directory_iterator(root, error)) {
    if (entry.path().extension() == ".json" && entry.path().filename() != "metadata.json") {
      jsons.push_back(entry.path().string());
    }
  }
  if (jsons.size() == 1) return jsons.front();
  if (jsons.size() > 1) {
    return absl::InvalidArgumentError("'" + folder + "' holds " + std::to_string(jsons.size()) +
                                      " JSON files: name the one that is meant");
  }
  return folder;  // of a race whose CSV or record log is all that is left
}

}  // namespace llmdyno
