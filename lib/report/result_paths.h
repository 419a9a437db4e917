// Where the files of a result lie.
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "report/report_json.h"

namespace llmdyno {

// NotFound when the file cannot be opened, InvalidArgument when it is not JSON.
absl::StatusOr<Json> ReadJson(const std::string& path);

// `wanted` as written, or the file of that name beside the result: folders are moved. Empty when there is
// none.
std::string FindFile(const std::filesystem::path& result, const std::string& wanted);

// The file of that kind by the member `files`; empty when it has none.
std::string NameIn(const Json& json, const char* kind);

// The result file of a folder; the folder itself when it holds no JSON. InvalidArgument when several could be
// meant.
absl::StatusOr<std::string> ResultIn(const std::string& folder);

}  // namespace llmdyno
