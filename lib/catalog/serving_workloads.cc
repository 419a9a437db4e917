#include "catalog/serving_workloads.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/dataset_cache.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/prompt_source.h"
#include "llmdyno/workload/serving_prompts.h"

namespace llmdyno {
namespace {

using Source = absl::StatusOr<std::unique_ptr<RequestSource>>;

// Sends the prompts one after the other, then from the first again; no system prompt goes before them, as
// their lengths are what matters.
Source MakeList(std::vector<Prompt> prompts, const WorkloadContext& context) {
  PromptListConfig config;
  config.request = context.spec.request;
  config.request.system_prompt.clear();
  config.order = PromptOrder::kAsGiven;
  return MakePromptListSource(std::move(prompts), config, context.rng);
}

// "1,000 prompts of 980 to 1,064 tokens (tokenizer)".
void NoteLengths(const std::vector<Prompt>& prompts, const WorkloadContext& context) {
  int64_t fewest = prompts.front().tokens.tokens;
  int64_t most = fewest;
  TokenCountSource source = TokenCountSource::kUsage;
  for (const Prompt& prompt : prompts) {
    fewest = std::min(fewest, prompt.tokens.tokens);
    most = std::max(most, prompt.tokens.tokens);
    source = std::max(source, prompt.tokens.source);  // the least trustworthy one
  }
  context.diagnostics.Note(WithThousands(std::ssize(prompts)) + " prompts of " + WithThousands(fewest) +
                           " to " + WithThousands(most) + " tokens (" + std::string(ToString(source)) + ")");
}

// --dataset random:input_len=1024,output_len=128,range_ratio=0.0,prefix_len=0
Source MakeRandom(const Params& params, const WorkloadContext& context) {
  RandomPromptConfig config;
  config.prompts = context.spec.requests.value_or(config.prompts);
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params)
                              .Read("input_len", config.input_len)
                              .Read("output_len", config.output_len)
                              .Read("range_ratio", config.range_ratio)
                              .Read("prefix_len", config.prefix_len)
                              .Finish());
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<Prompt> prompts,
                           MakeRandomPrompts(config, context.token_counter, context.rng));
  NoteLengths(prompts, context);
  return MakeList(std::move(prompts), context);
}

// --dataset sonnet:input_len=550,output_len=150,prefix_len=200
Source MakeSonnet(const Params& params, const WorkloadContext& context) {
  SonnetPromptConfig config;
  config.prompts = context.spec.requests.value_or(config.prompts);
  config.path = context.spec.path;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params)
                              .Read("input_len", config.input_len)
                              .Read("output_len", config.output_len)
                              .Read("prefix_len", config.prefix_len)
                              .Read("path", config.path)
                              .Finish());
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<Prompt> prompts,
                           MakeSonnetPrompts(config, context.token_counter, context.rng));
  NoteLengths(prompts, context);
  return MakeList(std::move(prompts), context);
}

// --dataset sharegpt-serving:path=ShareGPT.json,output_len=200
Source MakeShareGpt(const Params& params, const WorkloadContext& context, DatasetCache& cache) {
  ConversationDatasetConfig file;
  file.path = context.spec.path;
  file.format = "sharegpt";
  file.first_exchange_only = true;
  int64_t output_len = 0;
  LLMDYNO_RETURN_IF_ERROR(
      ParamReader(params).Read("path", file.path).Read("output_len", output_len).Finish());
  ExchangePromptConfig config;
  config.prompts = context.spec.requests.value_or(config.prompts);
  if (output_len != 0) config.output_len = output_len;
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  LLMDYNO_ASSIGN_OR_RETURN(const std::shared_ptr<ConversationDataset> dataset,
                           cache.Load(file, context.diagnostics));
  LLMDYNO_ASSIGN_OR_RETURN(ExchangePrompts drawn,
                           DrawExchangePrompts(*dataset, config, context.token_counter, context.rng));
  if (drawn.different < config.prompts) {
    context.diagnostics.Warn(
        file.path + ": only " + WithThousands(drawn.different) + " of " + WithThousands(drawn.looked_at) +
        " conversations have a first exchange of the right length; they repeat to make " +
        WithThousands(config.prompts) + " requests");
  }
  NoteLengths(drawn.prompts, context);
  return MakeList(std::move(drawn.prompts), context);
}

void Add(WorkloadRegistry& registry, std::string name, std::string summary, std::vector<SettingHelp> settings,
         WorkloadRegistry::Factory factory) {
  // A name twice would be our own mistake, and the catalog's test would find it.
  (void)registry.Add({std::move(name), std::move(summary), std::move(factory), std::move(settings)});
}

}  // namespace

void AddServingWorkloads(WorkloadRegistry& registry) {
  const auto cache = std::make_shared<DatasetCache>();
  Add(registry, "sharegpt-serving", "first prompts of ShareGPT, answers as long as the file's",
      {{"path", "", "the file; needed unless a flag names it"},
       {"output_len", "", "most tokens of every answer, instead of the length of the file's"}},
      [=](const Params& params, const WorkloadContext& context) {
        return MakeShareGpt(params, context, *cache);
      });
  Add(registry, "random", "text of given lengths",
      {{"input_len", "1024", "tokens of a prompt, without its prefix"},
       {"output_len", "128", "most tokens of its answer"},
       {"range_ratio", "0", "draws both lengths from [length * (1 - X), length * (1 + X)]"},
       {"prefix_len", "0", "tokens that all prompts begin with"}},
      MakeRandom);
  Add(registry, "sonnet", "verses behind a shared beginning",
      {{"input_len", "550", "tokens of a prompt, its prefix included"},
       {"output_len", "150", "most tokens of its answer"},
       {"prefix_len", "200", "tokens that all prompts begin with"},
       {"path", "", "a file of verses, one to a line, instead of our own"}},
      MakeSonnet);
}

}  // namespace llmdyno
