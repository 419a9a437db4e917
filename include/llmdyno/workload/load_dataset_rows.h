// Reads the rows of local dataset files into memory, as a dataset configuration says. LoadDataset calls it
// before a run. Blocks while files are read.
#pragma once

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/workload/dataset_config.h"
#include "llmdyno/workload/dataset_rows.h"

namespace llmdyno {

// Reads config.path. Pictures are read and encoded here; those with an address on the web stay that, for the
// endpoint to fetch. A row with nothing to send (no such column, an empty prompt) is skipped and counted;
// what was read, and what was odd, is said through `diagnostics`.
//
// InvalidArgument, each with a sentence of its own: a format that is not known, a file that cannot be read, a
// column that no row has (with those that there are), a file without rows, one with nothing to send, a row
// that cannot be read, a picture that is none (with row and column), more than config.most_bytes.
absl::StatusOr<DatasetRows> LoadDatasetRows(const DatasetConfig& config, const Diagnostics& diagnostics);

// The same of several files, one after the other: the parts of one set. Errors are the same.
absl::StatusOr<DatasetRows> LoadDatasetRows(const DatasetConfig& config, std::span<const std::string> files,
                                            const Diagnostics& diagnostics);

}  // namespace llmdyno
