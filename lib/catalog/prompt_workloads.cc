#include "catalog/prompt_workloads.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/prompt.h"
#include "llmdyno/workload/prompt_dataset.h"
#include "llmdyno/workload/prompt_filter.h"
#include "llmdyno/workload/prompt_source.h"
#include "llmdyno/workload/synthetic_text.h"

namespace llmdyno {
namespace {

using Source = absl::StatusOr<std::unique_ptr<RequestSource>>;

// Counting through the endpoint costs a request each: a race needs some thousand prompts, not a million.
constexpr size_t kMostPromptsCounted = 4096;

Source MakeSynthetic(const Params& params, const WorkloadContext& context) {
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Finish());
  SyntheticPromptConfig config;
  config.request = context.spec.request;
  config.tokens = context.spec.tokens;
  LLMDYNO_ASSIGN_OR_RETURN(config.tokens_per_word, MeasureTokensPerWord(context.token_counter));
  return MakeSyntheticPromptSource(config, context.rng);
}

// Prompts that the rule of thumb puts far outside the range need not be counted exactly. The rule is right
// within a factor of two for any language that a dataset of ours is written in.
std::vector<Prompt> Candidates(std::vector<Prompt> prompts, const PromptTokenRange& range, Rng& rng) {
  Shuffle(prompts, rng);
  const auto is_far_off = [&](const Prompt& prompt) {
    const int64_t estimate = EstimateTokens(prompt.text);
    return estimate < range.min_tokens / 2 || estimate > range.max_tokens * 2;
  };
  const auto far_off = std::stable_partition(prompts.begin(), prompts.end(),
                                             [&](const Prompt& prompt) { return !is_far_off(prompt); });
  const auto near = static_cast<size_t>(far_off - prompts.begin());
  // When none is near, some far ones are counted all the same: the error message says what lengths there are.
  prompts.resize(std::min(prompts.size(), near == 0 ? size_t{64} : std::min(near, kMostPromptsCounted)));
  return prompts;
}

Source MakeFromDataset(const Params& params, const WorkloadContext& context) {
  PromptDatasetConfig dataset_config;
  dataset_config.format = params.name;
  dataset_config.path = context.spec.path;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params).Read("path", dataset_config.path).Finish());
  LLMDYNO_ASSIGN_OR_RETURN(PromptDataset dataset, LoadPromptDataset(dataset_config));
  if (dataset.skipped > 0) {
    context.diagnostics.Warn(dataset.path + ": " + WithThousands(dataset.skipped) + " of " +
                             WithThousands(dataset.rows) +
                             " rows have no usable prompt; the first: " + dataset.first_problem);
  }
  Rng rng = context.rng;
  std::vector<Prompt> prompts = Candidates(std::move(dataset.prompts), context.spec.tokens, rng);
  LLMDYNO_RETURN_IF_ERROR(CountTokens(context.token_counter, prompts));
  LLMDYNO_ASSIGN_OR_RETURN(FilteredPrompts filtered, FilterPrompts(std::move(prompts), context.spec.tokens));
  context.diagnostics.Note(dataset.path + ": " + Describe(filtered.lengths, context.spec.tokens));
  PromptListConfig config;
  config.request = context.spec.request;
  return MakePromptListSource(std::move(filtered.prompts), config, rng);
}

void Add(WorkloadRegistry& registry, std::string name, std::string summary, std::vector<SettingHelp> settings,
         WorkloadRegistry::Factory factory) {
  // A name twice would be our own mistake, and the catalog's test would find it.
  (void)registry.Add({std::move(name), std::move(summary), std::move(factory), std::move(settings)});
}

}  // namespace

void AddPromptWorkloads(WorkloadRegistry& registry) {
  Add(registry, "synthetic", "English-like text, each prompt new; needs no file", {}, MakeSynthetic);
  const std::vector<SettingHelp> path = {
      {"path", "", "the dataset's file; --dataset-path, or its usual name under ./datasets"}};
  Add(registry, "dolly", "context and instruction of databricks-dolly-15k.jsonl", path, MakeFromDataset);
  Add(registry, "sharegpt", "the first user message of each ShareGPT conversation", path, MakeFromDataset);
  Add(registry, "billsum", "a request to summarise each bill of billsum.jsonl", path, MakeFromDataset);
}

}  // namespace llmdyno
