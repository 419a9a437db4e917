// Results as they lie on disk, as report writers want them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/report/report_writer.h"

namespace llmdyno {

// The document of a benchmark of rates, whose result has two files: metadata.json and the list of levels.
// Both must be JSON.
std::string JoinRateResult(std::string_view metadata_json, std::string_view results_json);

// Reads a result file, or the one in a folder, and finds out which program wrote it; the app is empty when
// the file does not tell. NotFound or InvalidArgument in a sentence that names the file.
absl::StatusOr<ResultDocument> ReadStoredResult(const std::string& path);

}  // namespace llmdyno
