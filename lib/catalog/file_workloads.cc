#include "catalog/file_workloads.h"

#include <string>
#include <utility>

#include "catalog/dataset_cache.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/conversation_source.h"
#include "llmdyno/workload/dataset_format.h"
#include "llmdyno/workload/trace_source.h"

namespace llmdyno {
namespace {

using Source = absl::StatusOr<std::unique_ptr<RequestSource>>;

Source MakeTrace(const TraceSourceConfig& config, const WorkloadContext& context) {
  TraceSourceConfig measured = config;
  LLMDYNO_ASSIGN_OR_RETURN(measured.tokens_per_word, MeasureTokensPerWord(context.token_counter));
  LLMDYNO_ASSIGN_OR_RETURN(TraceSource trace, MakeTraceSource(measured, context.rng, context.diagnostics));
  const TraceSummary& summary = trace.summary;
  context.diagnostics.Note(config.path + ": " + WithThousands(summary.requests) + " requests of a trace, " +
                           WithThousands(summary.input_tokens) + " tokens in, " +
                           WithThousands(summary.output_tokens) + " out");
  return std::move(trace.source);
}

// --dataset trace:path=trace.jsonl,block_size=512
Source MakeTraceWorkload(const Params& params, const WorkloadContext& context) {
  TraceSourceConfig config;
  config.path = context.spec.path;
  config.request = context.spec.request;
  LLMDYNO_RETURN_IF_ERROR(
      ParamReader(params).Read("path", config.path).Read("block_size", config.block_size).Finish());
  return MakeTrace(config, context);
}

Source MakeConversations(const ConversationDatasetConfig& config, bool shuffle,
                         const WorkloadContext& context, DatasetCache& cache) {
  LLMDYNO_ASSIGN_OR_RETURN(std::shared_ptr<ConversationDataset> dataset,
                           cache.Load(config, context.diagnostics));
  ConversationSourceConfig source;
  source.request = context.spec.request;
  source.order = shuffle ? PromptOrder::kShuffled : PromptOrder::kAsGiven;
  return MakeConversationSource(std::move(dataset), source, context.rng, context.diagnostics);
}

// --dataset file:path=conversations.json,format=conversations,shuffle=true
Source MakeFile(const Params& params, const WorkloadContext& context, DatasetCache& cache) {
  ConversationDatasetConfig config;
  config.path = context.spec.path;
  config.format = context.spec.format;
  bool shuffle = context.spec.shuffle;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params)
                              .Read("path", config.path)
                              .Read("format", config.format)
                              .Read("column", config.column)
                              .Read("shuffle", shuffle)
                              .Finish());
  if (config.path.empty()) return absl::InvalidArgumentError("no dataset file is named: expected path=FILE");
  LLMDYNO_ASSIGN_OR_RETURN(config.format, ResolveDatasetFormat(config.path, config.format, config.column));
  if (config.format != "trace") return MakeConversations(config, shuffle, context, cache);
  TraceSourceConfig trace;
  trace.path = config.path;
  trace.request = context.spec.request;
  return MakeTrace(trace, context);
}

// --dataset custom:path=prompts.jsonl,output_len=256
Source MakeCustom(const Params& params, const WorkloadContext& context, DatasetCache& cache) {
  ConversationDatasetConfig config;
  config.path = context.spec.path;
  config.format = context.spec.format;
  bool shuffle = context.spec.shuffle;
  int64_t output_len = 0;
  LLMDYNO_RETURN_IF_ERROR(ParamReader(params)
                              .Read("path", config.path)
                              .Read("column", config.column)
                              .Read("shuffle", shuffle)
                              .Read("output_len", output_len)
                              .Finish());
  if (output_len < 0) {
    return absl::InvalidArgumentError("output_len is " + std::to_string(output_len) + ": expected 1 or more");
  }
  config.read_output_tokens = output_len == 0;
  WorkloadSpec spec = context.spec;
  if (output_len > 0) spec.request.max_output_tokens = output_len;
  const WorkloadContext with_limit{spec, context.token_counter, context.rng, context.diagnostics};
  return MakeConversations(config, shuffle, with_limit, cache);
}

void Add(WorkloadRegistry& registry, std::string name, std::string summary, std::vector<SettingHelp> settings,
         WorkloadRegistry::Factory factory) {
  // A name twice would be our own mistake, and the catalog's test would find it.
  (void)registry.Add({std::move(name), std::move(summary), std::move(factory), std::move(settings)});
}

}  // namespace

void AddFileWorkloads(WorkloadRegistry& registry) {
  // The levels of a series read the same file: it is kept from one to the next.
  const auto cache = std::make_shared<DatasetCache>();
  const auto with_cache = [&](auto make) {
    return
        [=](const Params& params, const WorkloadContext& context) { return make(params, context, *cache); };
  };
  const SettingHelp path = {"path", "", "the file; needed unless a flag names it"};
  const SettingHelp column = {"column", "",
                              "which member or column holds the prompt; by itself the usual names"};
  const SettingHelp shuffle = {"shuffle", "false", "rows in a random order, a new one each time round"};
  Add(registry, "file", "what a file holds: conversations, prompts or a trace",
      {path, {"format", "auto", "conversations, sharegpt, messages, prompts, csv or trace"}, column, shuffle},
      with_cache(MakeFile));
  Add(registry, "trace", "prompts of the lengths that a trace recorded",
      {path, {"block_size", "512", "tokens of a block, of which equal hashes mean equal text"}},
      MakeTraceWorkload);
  Add(registry, "custom", "the prompts of a file, each with its own output_tokens",
      {path,
       column,
       shuffle,
       {"output_len", "", "most tokens of every answer, instead of each row's own output_tokens"}},
      with_cache(MakeCustom));
}

}  // namespace llmdyno
