// Prompts from local files in the formats that people already have: Dolly, ShareGPT, BillSum
// (docs/datasets.md). The catalog's workloads load by it before a run. A pure function, reading the file
// apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/workload/prompt.h"

namespace llmdyno {

// Which file, and what it looks like.
struct PromptDatasetConfig {
  std::string format = "dolly";        // one of PromptFormatNames()
  std::string path = "";               // empty: the format's usual file names in `directory`
  std::string directory = "datasets";  // relative to the current directory
};

// "dolly", "sharegpt", "billsum".
std::vector<std::string> PromptFormatNames();

// What a file held.
struct PromptDataset {
  std::string path;             // the file that was read
  std::vector<Prompt> prompts;  // in the order of the file, not yet counted
  int64_t rows = 0;             // rows looked at; blank lines are none
  int64_t skipped = 0;          // of these: without a usable prompt
  std::string first_problem;    // with the first of the skipped rows: "row 17: no field 'instruction'"
};

// Reads one file, JSON Lines or a single JSON array, in the memory of its prompts and its longest row. Rows
// without a usable prompt are skipped and counted. A file that is missing or unreadable, or has no usable row
// at all, is a Status whose sentence says what was found.
absl::StatusOr<PromptDataset> LoadPromptDataset(const PromptDatasetConfig& config);

}  // namespace llmdyno
