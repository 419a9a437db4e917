// Makes the requests of every run of an embedding benchmark.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "embed/embed_options.h"
#include "embed/embed_spec.h"
#include "llmdyno/catalog/make_plan.h"
#include "llmdyno/experiment/sweep.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Lives as long as the benchmark; `spec`, `counter` and what the setting refers to must outlive it.
class EmbedRequests {
 public:
  // Counts text where lengths are exact in tokens, which asks the endpoint for its tokenizer.
  static absl::StatusOr<EmbedRequests> Make(const EmbedSpec& spec, const EmbedOptions& options,
                                            const RunSetting& setting, TokenCounter& counter);

  // The requests of run `run` of a level, or of its warm-up (run < 0), as the seed, the level and the run
  // have it, and nothing else: whatever ran before, they are the same.
  absl::StatusOr<std::vector<Request>> Prepare(const SweepLevel& level, int64_t run);

 private:
  explicit EmbedRequests(const EmbedSpec& spec) : spec_(&spec) {}

  const EmbedSpec* spec_;
  std::vector<std::unique_ptr<RequestPreparer>> preparers_;  // by length
};

}  // namespace llmdyno
