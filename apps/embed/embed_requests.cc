#include "embed/embed_requests.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/workload_preparer.h"
#include "llmdyno/workload/embedding_preparer.h"
#include "llmdyno/workload/scenario_preparer.h"
#include "llmdyno/workload/text_pool.h"

namespace llmdyno {
namespace {

// Prepared for runs that end by the clock; then they come round again.
constexpr int64_t kTimedRequests = 512;
constexpr int64_t kTimedRequestsPerUser = 32;

}  // namespace

absl::StatusOr<EmbedRequests> EmbedRequests::Make(const EmbedSpec& spec, const EmbedOptions& options,
                                                  const RunSetting& setting, TokenCounter& counter) {
  EmbedRequests requests(spec);
  std::shared_ptr<const TextPool> pool;
  for (const EmbedLength& length : spec.lengths) {
    if (!options.extensions.workload.empty()) {
      LLMDYNO_ASSIGN_OR_RETURN(
          requests.preparers_.emplace_back(),
          MakeWorkloadPreparer(spec.run.workload, setting.catalog, counter, setting.diagnostics));
      continue;
    }
    if (!length.scenario) {
      EmbeddingPreparerConfig config{.length = length.length, .texts_per_request = options.texts_per_request};
      LLMDYNO_ASSIGN_OR_RETURN(requests.preparers_.emplace_back(), MakeEmbeddingPreparer(config));
      continue;
    }
    if (pool == nullptr) {
      LLMDYNO_ASSIGN_OR_RETURN(
          pool, MakeSyntheticTextPool(counter, RandomStreams(spec.run.seed).Stream("synthetic pool")));
    }
    ScenarioPreparerConfig config{.scenario = *length.scenario};
    config.texts_per_request = options.texts_per_request;
    config.rerank_documents = options.rerank_documents;
    LLMDYNO_ASSIGN_OR_RETURN(requests.preparers_.emplace_back(), MakeScenarioPreparer(config, pool, counter));
  }
  return requests;
}

absl::StatusOr<std::vector<Request>> EmbedRequests::Prepare(const SweepLevel& level, int64_t run) {
  size_t index = 0;
  while (spec_->sweep.levels[index].key != level.key) ++index;
  const bool is_warm_up = run < 0;
  const std::string name = level.key + (is_warm_up ? " warm-up" : " run " + std::to_string(run));
  const int64_t count =
      is_warm_up ? spec_->sweep.warm_up_requests
                 : level.requests.value_or(std::max(kTimedRequests, kTimedRequestsPerUser * level.in_flight));
  LLMDYNO_ASSIGN_OR_RETURN(
      std::vector<Request> requests,
      preparers_[spec_->levels[index].length]->Prepare(count, RandomStreams(spec_->run.seed).Stream(name)));
  // Only a workload can have fewer.
  if (is_warm_up || !level.requests || std::ssize(requests) >= *level.requests) return requests;
  return absl::InvalidArgumentError("--workload: '" + spec_->run.workload.name + "' has " +
                                    std::to_string(requests.size()) + " requests, and a run of level " +
                                    level.key + " needs " + std::to_string(*level.requests));
}

}  // namespace llmdyno
