// Sends the rows of a dataset as they are, from the first one on. Sweeps make it. Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "llmdyno/workload/dataset_rows.h"
#include "llmdyno/workload/prompt_source.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// How a row becomes a request.
struct ReplayPreparerConfig {
  PromptBody wording = PromptBody::kChat;         // one message of a user, or a bare prompt
  std::optional<int64_t> max_output_tokens = {};  // unset leaves it to the endpoint
  bool exact_output = false;                      // the limit is the lower one, too; needs it
};

// Request i is row i, whatever the Rng: the same ones at every level and in every run. A row is sent once;
// the preparer has as many requests as there are rows. `counter` must outlive it; null leaves prompts
// uncounted. Prompts are counted when they are first prepared. InvalidArgument: no rows, a limit below 1 or
// one that exact_output lacks, a picture in a bare prompt.
absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeReplayPreparer(std::shared_ptr<const DatasetRows> rows,
                                                                    const ReplayPreparerConfig& config,
                                                                    TokenCounter* counter);

}  // namespace llmdyno
