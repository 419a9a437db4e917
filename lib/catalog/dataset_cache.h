// Keeps the dataset that was loaded last, for the levels of a series read the same file one after the other.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/workload/conversation_dataset.h"

namespace llmdyno {

// Not thread-safe, as the datasets that it hands out.
class DatasetCache {
 public:
  // Loads the dataset and notes what was read and how long that took, unless the same file, unchanged, was
  // loaded in the same way just before.
  absl::StatusOr<std::shared_ptr<ConversationDataset>> Load(const ConversationDatasetConfig& config,
                                                            const Diagnostics& diagnostics);

 private:
  ConversationDatasetConfig config_;
  std::string stamp_;  // size, time of change and identity of the file
  std::shared_ptr<ConversationDataset> dataset_;
};

}  // namespace llmdyno
