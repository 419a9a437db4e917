// Loads what a dataset configuration names, wherever that is: files, the hub, or a workload of the catalog.
// Called before a run, on its thread; blocks while files are read and the hub answers.
#pragma once

#include "absl/status/statusor.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/workload/dataset_config.h"
#include "llmdyno/workload/dataset_rows.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Says the configuration's notes, and what was read, through setting.diagnostics.
//
//  - file: see LoadDatasetRows.
//  - huggingface: an export in a folder, or the hub (HF_ENDPOINT, HF_TOKEN, HF_HOME; see FetchHubDataset).
//  - aime: config.path, else aime.jsonl, .json, .csv or .txt in ./datasets, else the hub.
//  - custom: the prompts of the first requests of that workload, as many as max_rows says; NotFound, with
//    those that there are, when there is no such workload. The counter is for workloads that need one.
//
// Nothing else is sent than what the hub is asked; setting.transport must not be in use by a run.
absl::StatusOr<DatasetRows> LoadDataset(const DatasetConfig& config, const RunSetting& setting,
                                        TokenCounter& counter);

}  // namespace llmdyno
