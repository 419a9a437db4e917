// Learns how long texts are in tokens from what the endpoint itself charges for them, where it offers no
// tokenizer: hosted APIs do not. Called before a run, on the thread that polls the transport; blocks.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/core/endpoint.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/run/execute_run.h"
#include "llmdyno/workload/prompt_source.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Sends a short and a long piece of the texts, for one token of answer each, before anything is measured. The
// difference of what usage reports for the two says what a byte costs, whatever a chat template adds to both.
// Nothing when there is too little text, a request fails, or its answer has no usage. The context's sinks
// hear of nothing. Errors are ExecuteRun's.
absl::StatusOr<std::optional<TokenCalibration>> CalibrateByUsage(const Endpoint& endpoint,
                                                                 std::shared_ptr<const Dialect> dialect,
                                                                 PromptBody body,
                                                                 std::span<const std::string_view> texts,
                                                                 const RunContext& context);

}  // namespace llmdyno
