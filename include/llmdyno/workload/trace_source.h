// The request source that sends prompts of recorded lengths, for traces that hold lengths but no texts. The
// catalog's workload "trace" makes it. A source is used by the run's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/prompt_source.h"
#include "llmdyno/workload/request_source.h"
#include "llmdyno/workload/synthetic_text.h"

namespace llmdyno {

// Which file, and how its lengths become texts.
struct TraceSourceConfig {
  // JSON Lines, or an array, of {"input_length": tokens, "output_length": tokens, "hash_ids": [ids]};
  // hash_ids may be missing. When the requests came is another matter (load/arrival_trace.h).
  std::string path = "";
  // The ids stand for blocks of so many tokens: requests that begin with the same ids begin with the same
  // text.
  int64_t block_size = 512;
  // max_output_tokens is not used, output_length takes its place; neither is the system prompt.
  PromptRequestConfig request = {};
  TokensPerWord tokens_per_word = {};  // turns a length in tokens into one in words; see MeasureTokensPerWord
};

// What the trace asks for in total.
struct TraceSummary {
  int64_t requests = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
};

// The source, and what it will send.
struct TraceSource {
  std::unique_ptr<RequestSource> source;  // exhausted behind the last row
  TraceSummary summary;
};

// Reads the file through once; a row is read again when its request is due. A row of the wrong shape is
// InvalidArgument with its number and field: skipping it would shift all later requests against their times.
// A length of 0 counts as 1. `rng` decides what the texts say, never their lengths. So is a file without
// rows, or a config out of range.
absl::StatusOr<TraceSource> MakeTraceSource(const TraceSourceConfig& config, Rng rng,
                                            const Diagnostics& diagnostics);

}  // namespace llmdyno
