// Makes embedding requests of texts of a given length.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/text_length.h"

namespace llmdyno {

struct EmbeddingPreparerConfig {
  TextLength length = {};  // not kTokens: those are requests of the scenario E(tokens)
  int64_t texts_per_request = 1;

  absl::Status Validate() const;
};

// Synthetic texts (SyntheticText) with exactly the words that were drawn; Request::prompt_tokens is an
// estimate. InvalidArgument for a config that Validate() refuses.
absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeEmbeddingPreparer(const EmbeddingPreparerConfig& config);

}  // namespace llmdyno
