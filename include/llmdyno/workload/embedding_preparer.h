// Makes embedding requests of texts of a given length. Embedding benchmarks make it. Used by one thread.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/text_length.h"

namespace llmdyno {

// How long texts are, and how many go into a request.
struct EmbeddingPreparerConfig {
  TextLength length = {};  // not kTokens: those are requests of the scenario E(tokens)
  int64_t texts_per_request = 1;

  // InvalidArgument with the first problem: a length in tokens, or fewer than one text per request.
  absl::Status Validate() const;
};

// Synthetic texts (SyntheticText) with exactly the words that were drawn; Request::prompt_tokens is an
// estimate. InvalidArgument for a config that Validate() refuses.
absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeEmbeddingPreparer(const EmbeddingPreparerConfig& config);

}  // namespace llmdyno
