// Which shapes of dataset files there are, and which of them a file has. Loaders of datasets call it. Pure
// functions, reading the file apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// "conversations", "sharegpt", "messages", "prompts", "csv", "text", "trace" (docs/datasets.md).
std::vector<std::string> DatasetFormatNames();

// Turns "auto" into the format of the file, found out from its content and not from its name; any other name
// is checked and given back without a look at the file. `column` names the field of a prompt where it is none
// of the usual ones. "auto" never means "text", which any file could be.
//
// An unknown name is InvalidArgument with the nearest one and the list; a file that is none of these formats
// is InvalidArgument with a sentence that says what was found.
absl::StatusOr<std::string> ResolveDatasetFormat(const std::string& path, std::string_view format,
                                                 std::string_view column = "");

}  // namespace llmdyno
