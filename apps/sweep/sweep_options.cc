#include "sweep/sweep_options.h"

#include <climits>

namespace llmdyno {
namespace {

constexpr FlagTable::IntegerRange kTokens{1, 10'000'000};

void AddPromptFlags(FlagTable& flags, SweepOptions& options) {
  flags.Section("Requests to send (docs/scenario-grammar.md, docs/datasets.md)");
  flags.Text("scenario", options.scenario, "S",
             "Draw the lengths of requests from this: D(in,out), N(mean,std)/(mean,std), "
             "U(min,max)/(min,max), I(width,height,n), E(tokens), R(document,query), or a mixture of them");
  flags.Text("dataset-config", options.dataset_config, "FILE",
             "Make the prompts of the rows of the dataset that this JSON file describes");
  flags.DescribeDefault("synthetic text");
  flags.Switch("replay-dataset", options.replay_dataset,
               "Send the dataset's rows as they are, in order and each once a run, instead of a scenario");
  flags.Integer("max-tokens", options.max_tokens, kTokens, "N",
                "Cut the scenario's output lengths at this; the limit of answers where it has none");
  flags.DescribeDefault("4096, or 32 with pictures");
  flags.Text("tokenizer", options.tokenizer, "NAME",
             "Note the tokenizer's name; tokens are counted by the endpoint itself");
  flags.Switch("prompt-token-ids", options.prompt_token_ids,
               "Send prompts as token ids, to the completions route (vLLM, SGLang)");
  flags.Integer("shared-prefix", options.shared_prefix, {0, 10'000'000}, "N",
                "Begin every prompt with the same tokens, this many; else no two begin alike");
  flags.Real("prefix-ratio", options.prefix_ratio, 0, "X",
             "Share this part of every prompt, from 0 to 1, instead of a number of tokens");
  flags.Integer("seed", options.seed, {0, INT64_MAX}, "N", "Repeat the same requests in the same order");
}

void AddKindFlags(FlagTable& flags, SweepOptions& options) {
  flags.Section("Pictures, rerank, embeddings");
  flags.Integer("num-images", options.num_images, {0, 1000}, "N",
                "Send this many generated pictures with each request");
  flags.Text("image-size", options.image_size, "N|WxH", "Their size in pixels");
  flags.Integer("input-tokens", options.input_tokens, {0, 10'000'000}, "N",
                "Tokens of the text beside pictures, when there is no --scenario");
  flags.DescribeDefault("32");
  flags.Integer("rerank-documents", options.rerank_documents, {1, 100'000}, "N",
                "Documents in each request of R(document,query)");
  flags.Choice("rerank-api", options.rerank_api, {"jina", "cohere", "cohere-v2", "score", "tei"},
               "Spell R(document,query) like this: /v1/rerank (jina, cohere), /v2/rerank, vLLM's /score, "
               "TEI's /rerank");
  flags.Integer("texts-per-request", options.texts_per_request, {1, 100'000}, "N",
                "Texts in each request of E(tokens)");
}

void AddAdapterFlags(FlagTable& flags, SweepOptions& options) {
  flags.Section("LoRA adapters");
  flags.Choice("lora-strategy", options.lora_strategy, {"single", "uniform", "zipf", "mixed", "all-unique"},
               "Spread the requests over the adapters like this");
  flags.Text("lora-names", options.lora_names, "LIST", "The adapters' names, with commas between them");
  flags.Real("base-model-ratio", options.base_model_ratio, 0, "X",
             "Send this share of the requests to the base model instead, from 0 to 1");
  flags.Real("zipf-alpha", options.zipf_alpha, 0, "X",
             "Skew of zipf, above 0: the larger, the fewer adapters");
  flags.Text("lora-model-format", options.lora_model_format, "TEXT",
             "Ask for an adapter by this name of a model; vLLM's own is {lora}");
}

void AddGridFlags(FlagTable& flags, SweepOptions& options) {
  flags.Section("Fixed shapes: a grid of lengths and batch sizes, exact on both sides");
  flags.Text("input-lengths", options.input_lengths, "LIST", "Prompt lengths of the grid, in tokens");
  flags.Alias("input");
  flags.Text("output-lengths", options.output_lengths, "LIST", "Output lengths of the grid, in tokens");
  flags.Alias("output");
}

void AddLoadFlags(FlagTable& flags, SweepOptions& options) {
  flags.Section("Load");
  flags.Text("batch-sizes", options.batch_sizes, "LIST",
             "Burst: send as many requests at one instant, for each of these sizes");
  flags.Alias("batch");
  flags.Text("max-concurrency", options.max_concurrency, "LIST",
             "Sustained: keep as many requests in flight instead, for each of these numbers");
  flags.Integer("num-prompts", options.num_prompts, {1, 100'000'000}, "N", "Requests of each sustained run");
  flags.DescribeDefault("max(64, 8 x concurrency); all rows with --replay-dataset");
  flags.Time("duration", options.duration, "Let each sustained run last this long instead");
  flags.Integer("num-runs", options.num_runs, {1, 10'000}, "N", "Repeat each level, with other prompts");
  flags.Integer("warmup-runs", options.warmup_runs, {0, 10'000}, "N",
                "Send this many requests before each level, one after the other; they are in no figure");
}

void AddCompletionFlags(FlagTable& flags, SweepOptions& options) {
  flags.Switch("stream", options.stream, "Ask for streams (they are the default; see --no-stream)");
  flags.Integer("num-completions", options.num_completions, {1, 128}, "N",
                "Ask for this many answers to each request");
  flags.Alias("n");
}

void AddResultFlags(FlagTable& flags, SweepOptions& options, const char* results_file) {
  flags.Section("Results");
  flags.Text("description", options.description, "TEXT", "Note this in the results and above the plot");
  flags.Text("results-file", options.results_file, "FILE",
             "Write results here, after each level; an older file of this name is kept under another one");
  flags.DescribeDefault(results_file);
  flags.Text("results-dir", options.results_dir, "DIR", "Write them into this folder");
  flags.Switch("resume", options.resume, "Skip the levels that the results file has already");
  flags.Switch("dry-run", options.dry_run, "Show what would be sent, and send nothing");
  flags.Text("plot", options.plot, "FILE", "Draw the results into this .png or .svg with gnuplot");
  flags.Switch("save-text", options.save_text, "Keep prompts and answers in the record log");
  flags.Switch("plain", options.plain, "Print progress line by line even on a terminal");
}

}  // namespace

SweepOptions SweepOptions::ForSimple() {
  SweepOptions options;
  options.dataset_key = "aime";
  options.request.no_stream = true;
  options.request.temperature = 0.5;
  options.max_tokens = 100;
  options.connection.config.total_timeout = std::chrono::seconds(1800);
  options.connection.config.first_byte_timeout = std::chrono::seconds(1800);
  return options;
}

FlagTable MakeSweepFlags(SweepOptions& options) {
  FlagTable flags("llmdyno-sweep",
                  "sweeps an OpenAI-compatible endpoint over batch sizes, with requests of any shape.");
  AddEndpointFlags(flags, options.endpoint, "api-base", {"base-url", "endpoint", "host"});
  AddPromptFlags(flags, options);
  AddLoadFlags(flags, options);
  AddGridFlags(flags, options);
  AddKindFlags(flags, options);
  AddAdapterFlags(flags, options);
  AddRequestFlags(flags, options.request);
  AddCompletionFlags(flags, options);
  AddConnectionFlags(flags, options.connection);
  AddTrustFlags(flags, options.trust);
  AddExtensionFlags(flags, options.extensions, "openai, or embeddings or rerank by the scenario",
                    "what --scenario says");
  AddResultFlags(flags, options, "completion_advanced_benchmark_results.json, or shapes_results.json");
  flags.Real("steady-state-threshold", options.steady_state_threshold, 0.01, "X",
             "Take the time with at least this share of the peak of active requests for steady");
  return flags;
}

FlagTable MakeSimpleFlags(SweepOptions& options) {
  FlagTable flags("llmdyno-sweep simple",
                  "sends batches of questions to an endpoint and says how many tokens a second come back.");
  AddEndpointFlags(flags, options.endpoint, "api-base", {"base-url", "endpoint", "host"});
  flags.Section("Requests to send");
  flags.Text("dataset-key", options.dataset_key, "aime|FILE",
             "Ask the questions of the AIME, or the prompts of this file or dataset configuration");
  flags.Integer("max-tokens", options.max_tokens, kTokens, "N", "Limit each answer to this many tokens");
  flags.Integer("seed", options.seed, {0, INT64_MAX}, "N", "Repeat the same requests in the same order");
  flags.Section("Load");
  flags.Text("batch-sizes", options.batch_sizes, "LIST",
             "Send as many requests at one instant, for each of these sizes");
  flags.Integer("num-runs", options.num_runs, {1, 10'000}, "N", "Repeat each batch, with other prompts");
  flags.Integer("warmup-runs", options.warmup_runs, {0, 10'000}, "N",
                "Send this many requests before each batch size, one after the other");
  flags.Integer("n-cores", options.n_cores, {1, 100'000}, "N",
                "Does nothing: one loop sends all batches (kept for old command lines)");
  flags.DescribeDefault("1");
  AddRequestFlags(flags, options.request);
  flags.Switch("stream", options.stream, "Ask for streams, so that the first token can be timed");
  AddConnectionFlags(flags, options.connection);
  AddTrustFlags(flags, options.trust);
  AddExtensionFlags(flags, options.extensions, "openai", "as --dataset-key");
  AddResultFlags(flags, options, "async_benchmark_results.json");
  return flags;
}

}  // namespace llmdyno
