// Finds the files of a dataset's split in a folder of this machine, for runs without a network. Called before
// a run. A pure function but for looking into folders.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace llmdyno {

// The files that hold the split, in order: in `path` or its folder data, named as the split, with a part's
// number behind it or not (train.jsonl, data/train-00000-of-00002.jsonl); .jsonl, .json, .csv and .txt. With
// `subset`, its own folder comes before. An empty split is train, or the first that there is. A `path` that
// is a file is that file, whatever the split.
//
// InvalidArgument with a sentence: no such split (with those that there are), nothing of these, or files of
// Parquet or Arrow, with how to export them.
absl::StatusOr<std::vector<std::string>> FindLocalExport(const std::string& path, const std::string& subset,
                                                         const std::string& split);

}  // namespace llmdyno
