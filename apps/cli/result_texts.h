// Puts what a report writer made where it belongs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/report/report_writer.h"

namespace llmdyno {

// Writes each text to `path_prefix` + its file name ("results/run-1/", or "results/sweep." where results
// share a folder) and adds the path to `taken`. Internal, with nothing written, for a name that is empty, has
// a folder in it or is taken: by another text, or by a file of the result's own that `taken` has. Else what
// the file system says.
absl::Status WriteResultTexts(const std::vector<ResultText>& texts, const std::string& path_prefix,
                              std::set<std::string>& taken);

}  // namespace llmdyno
