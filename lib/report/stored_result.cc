#include "llmdyno/report/stored_result.h"

#include "llmdyno/base/status_macros.h"
#include "report/markdown_text.h"
#include "report/result_paths.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

std::string AppOf(const Json& json) {
  if (json.is_array()) return "llmdyno-qps";
  const Json& format = MemberAt(json, "/format");
  if (format == "llmdyno-summary") return "llmdyno-race";
  if (format == "llmdyno-selftest") return "llmdyno-selftest";
  if (MemberAt(json, "/llmdyno").is_object()) return "llmdyno-qps serve";
  if (MemberAt(json, "/metadata/format") != "llmdyno-sweep") return "";
  const Json& kind = MemberAt(json, "/metadata/kind");
  if (kind == "simple") return "llmdyno-sweep simple";
  return kind == "embedding" ? "llmdyno-embed" : "llmdyno-sweep";
}

}  // namespace

std::string JoinRateResult(std::string_view metadata_json, std::string_view results_json) {
  std::string text = "{\"metadata\":";
  text.append(metadata_json).append(",\"results\":").append(results_json).append("}\n");
  return text;
}

absl::StatusOr<ResultDocument> ReadStoredResult(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return absl::NotFoundError("there is no file or folder '" + path + "'");
  std::string file = path;
  if (fs::is_directory(path, error)) {
    LLMDYNO_ASSIGN_OR_RETURN(file, ResultIn(path));
    if (file == path) return absl::NotFoundError("there is no result in the folder '" + path + "'");
  }
  LLMDYNO_ASSIGN_OR_RETURN(const Json json, ReadJson(file));
  ResultDocument document{AppOf(json), JsonText(json)};
  if (!json.is_array()) return document;
  // What the levels are of stands beside them; without it they are levels all the same.
  const absl::StatusOr<Json> metadata = ReadJson((fs::path(file).parent_path() / "metadata.json").string());
  if (metadata.ok()) document.json = JoinRateResult(JsonText(*metadata), document.json);
  return document;
}

}  // namespace llmdyno
