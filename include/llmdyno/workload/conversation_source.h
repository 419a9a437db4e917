// The request source that sends the conversations of a dataset. The catalog's workloads make it. Used by the
// run's thread.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/conversation_dataset.h"
#include "llmdyno/workload/prompt_source.h"
#include "llmdyno/workload/request_source.h"

namespace llmdyno {

// What requests have in common, and in which order they come.
struct ConversationSourceConfig {
  // The system prompt is not used: a conversation is sent as the file has it. As a bare completion it is the
  // contents of its messages with blank lines between them.
  // Where a conversation says how many tokens its answer has, that goes before max_output_tokens.
  PromptRequestConfig request = {};
  PromptOrder order = PromptOrder::kAsGiven;
};

// Request k of the order as given is conversation k mod size. Request::prompt_tokens is the estimate for all
// messages. `rng` decides the order and nothing else. When a conversation cannot be read any more, because
// the file was changed, `diagnostics` is warned and the source is exhausted. InvalidArgument without a
// dataset, and for a request config that Validate() refuses.
absl::StatusOr<std::unique_ptr<RequestSource>> MakeConversationSource(
    std::shared_ptr<ConversationDataset> dataset, const ConversationSourceConfig& config, Rng rng,
    const Diagnostics& diagnostics);

}  // namespace llmdyno
