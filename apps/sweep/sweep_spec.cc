#include "sweep/sweep_spec.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cli/list_text.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/dialect/openai_dialect.h"

namespace llmdyno {
namespace {

constexpr const char* kUrlFlag = "api-base";
constexpr int64_t kMostInFlight = 1'000'000;
constexpr int64_t kMostTokens = 10'000'000;
constexpr int64_t kLongestSide = 16'384;
constexpr size_t kMostLevels = 10'000;
constexpr int64_t kRefusalsAtStart = 10;

absl::Status Bad(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

std::string Name(const char* flag) { return std::string("--") + flag; }

std::string NumberWord(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

bool DrawsPictures(const Scenario& scenario) {
  return std::any_of(scenario.parts().begin(), scenario.parts().end(), [](const ScenarioPart& part) {
    const auto* shape = std::get_if<RequestShape>(&part.lengths);
    return shape != nullptr && shape->images.has_value();
  });
}

absl::StatusOr<ImageShape> ParseImageSize(const SweepOptions& options) {
  const std::string& text = options.image_size;
  const size_t by = text.find_first_of("xX");
  const auto width = ParseInteger(text.substr(0, by));
  const auto height = by == std::string::npos ? width : ParseInteger(text.substr(by + 1));
  const auto is_side = [](const std::optional<int64_t>& side) {
    return side && *side >= 1 && *side <= kLongestSide;
  };
  if (is_side(width) && is_side(height)) return ImageShape{*width, *height, options.num_images};
  return Bad("--image-size: expected N or WxH with sides from 1 to " + WithThousands(kLongestSide) +
             " pixels, such as 512 or 640x480, got '" + text + "'");
}

// What is sent excludes one another.
absl::Status CheckSources(const SweepOptions& options, const FlagTable& flags) {
  const bool has_workload = !options.extensions.workload.empty();
  if (has_workload) {
    for (const char* flag : {"dataset-key", "dataset-config", "num-images", "prompt-token-ids",
                             "shared-prefix", "prefix-ratio"}) {
      if (!flags.WasGiven(flag)) continue;
      return Bad(Name(flag) + " and --workload exclude each other: a workload makes its requests itself");
    }
  }
  if (options.is_simple()) return absl::OkStatus();
  std::vector<std::string> sources;
  if (flags.WasGiven("scenario")) sources.emplace_back("--scenario");
  if (options.replay_dataset) sources.emplace_back("--replay-dataset");
  if (options.is_grid()) sources.emplace_back("--input-lengths");
  if (has_workload) sources.emplace_back("--workload");
  if (options.input_tokens && !sources.empty()) {
    return Bad("--input-tokens and " + sources[0] + " exclude each other: both say how long prompts are");
  }
  if (sources.size() > 1) {
    return Bad(sources[0] + " and " + sources[1] + " exclude each other: both say what is sent");
  }
  if (sources.empty() && options.num_images == 0) {
    return Bad(
        "missing --scenario, such as \"N(480,240)/(300,150)\"; or give --replay-dataset, --num-images, "
        "--input-lengths with --output-lengths, --workload, or --dataset-key. See llmdyno-sweep --help");
  }
  if (options.replay_dataset && options.dataset_config.empty()) {
    return Bad("--replay-dataset needs --dataset-config: which rows are to be sent?");
  }
  if (options.is_grid() && (options.input_lengths.empty() || options.output_lengths.empty())) {
    return Bad("--input-lengths and --output-lengths are needed together: a grid has both");
  }
  if (options.prefix_ratio > 1) {
    return Bad("--prefix-ratio: expected a part from 0 to 1, got " + NumberWord(options.prefix_ratio));
  }
  if (options.prefix_ratio > 0 && options.shared_prefix > 0) {
    return Bad("--shared-prefix and --prefix-ratio exclude each other: both say what prompts share");
  }
  if (options.replay_dataset && (options.prefix_ratio > 0 || options.shared_prefix > 0)) {
    return Bad("--replay-dataset sends rows as they are: it goes without --shared-prefix and --prefix-ratio");
  }
  return absl::OkStatus();
}

absl::Status ReadScenario(const SweepOptions& options, const FlagTable& flags, SweepSpec& spec) {
  if (flags.WasGiven("scenario")) {
    absl::StatusOr<Scenario> scenario = Scenario::Parse(options.scenario);
    if (!scenario.ok()) return Bad("--scenario: " + std::string(scenario.status().message()));
    spec.scenario = *std::move(scenario);
    spec.requests = spec.scenario->Kind();
  }
  if (options.num_images > 0) {
    LLMDYNO_ASSIGN_OR_RETURN(spec.images, ParseImageSize(options));
    if (spec.requests != RequestKind::kGeneration) {
      return Bad("--num-images and --scenario " + options.scenario +
                 " exclude each other: " + "pictures go to the chat completions route only");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLoad(const SweepOptions& options, const FlagTable& flags) {
  if (options.is_sustained() && flags.WasGiven("batch-sizes")) {
    return Bad(
        "--max-concurrency and --batch-sizes exclude each other: one sustains a load, the other sends "
        "bursts");
  }
  for (const char* flag : {"num-prompts", "duration"}) {
    if (flags.WasGiven(flag) && !options.is_sustained()) {
      return Bad(Name(flag) + " needs --max-concurrency: a burst has as many requests as its batch size");
    }
  }
  if (options.is_sustained() && options.is_grid()) {
    return Bad("--max-concurrency and --input-lengths exclude each other: a grid is measured in batches");
  }
  if (options.replay_dataset && !options.is_sustained()) {
    return Bad("--replay-dataset needs --max-concurrency: how many rows are to be under way at once?");
  }
  if (options.duration && *options.duration <= Duration::zero()) {
    return Bad("--duration: expected more than 0s");
  }
  return absl::OkStatus();
}

void AddGridLevels(const std::vector<int64_t>& inputs, const std::vector<int64_t>& outputs,
                   const std::vector<int64_t>& batches, SweepSpec& spec) {
  for (const int64_t input : inputs) {
    for (const int64_t output : outputs) {
      for (const int64_t batch : batches) {
        spec.cells.push_back({input, output, batch});
        spec.sweep.levels.push_back({.key = "in_" + std::to_string(input) + "_out_" + std::to_string(output) +
                                            "_batch_" + std::to_string(batch),
                                     .in_flight = batch,
                                     .requests = batch,
                                     .request_weight = static_cast<double>(output)});
      }
    }
  }
}

absl::Status MakeLevels(const SweepOptions& options, const FlagTable& flags, SweepSpec& spec) {
  LLMDYNO_RETURN_IF_ERROR(CheckLoad(options, flags));
  const char* flag = options.is_sustained() ? "max-concurrency" : "batch-sizes";
  LLMDYNO_ASSIGN_OR_RETURN(
      const std::vector<int64_t> values,
      ParseWholeNumbers(flag, options.is_sustained() ? options.max_concurrency : options.batch_sizes,
                        kMostInFlight));
  spec.most_in_flight = *std::max_element(values.begin(), values.end());
  if (options.is_grid()) {
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<int64_t> inputs,
                             ParseWholeNumbers("input-lengths", options.input_lengths, kMostTokens));
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<int64_t> outputs,
                             ParseWholeNumbers("output-lengths", options.output_lengths, kMostTokens));
    if (inputs.size() * outputs.size() * values.size() > kMostLevels) {
      return Bad("--input-lengths, --output-lengths and --batch-sizes make " +
                 std::to_string(inputs.size() * outputs.size() * values.size()) +
                 " cells: expected at most " + WithThousands(static_cast<int64_t>(kMostLevels)));
    }
    AddGridLevels(inputs, outputs, values, spec);
    return absl::OkStatus();
  }
  for (const int64_t value : values) {
    SweepLevel level{.key = std::to_string(value), .in_flight = value, .requests = value};
    if (options.is_sustained()) {
      constexpr int64_t kFewestPrompts = 64;
      constexpr int64_t kPromptsPerUser = 8;
      level.requests = options.num_prompts.value_or(std::max(kFewestPrompts, kPromptsPerUser * value));
      level.duration = options.duration;
      if (options.duration && !options.num_prompts) level.requests.reset();
      // All rows of the dataset, however many there are.
      if (options.replay_dataset && !options.num_prompts) level.requests.reset();
    }
    spec.sweep.levels.push_back(std::move(level));
  }
  return absl::OkStatus();
}

absl::Status MakeAdapters(const SweepOptions& options, const FlagTable& flags, SweepSpec& spec) {
  if (options.lora_strategy.empty() != options.lora_names.empty()) {
    return Bad(options.lora_strategy.empty()
                   ? "--lora-names needs --lora-strategy: single, uniform, zipf, mixed or all-unique"
                   : "--lora-strategy needs --lora-names, such as adapter-1,adapter-2");
  }
  for (const char* flag : {"base-model-ratio", "zipf-alpha", "lora-model-format"}) {
    if (flags.WasGiven(flag) && options.lora_strategy.empty()) {
      return Bad(Name(flag) + " needs --lora-strategy and --lora-names");
    }
  }
  if (options.lora_strategy.empty()) return absl::OkStatus();
  AdapterMixConfig config;
  config.strategy = *ParseAdapterStrategy(options.lora_strategy);
  config.names = SplitList(options.lora_names);
  config.base_model_ratio = options.base_model_ratio;
  config.zipf_alpha = options.zipf_alpha;
  config.model_format = options.lora_model_format;
  if (const absl::Status status = config.Validate(); !status.ok()) {
    return Bad("--lora-strategy, --lora-names: " + std::string(status.message()));
  }
  spec.adapters = std::move(config);
  spec.sweep.metrics.base_model = spec.run.endpoint.model;
  return absl::OkStatus();
}

absl::Status ReadDataset(const SweepOptions& options, SweepSpec& spec) {
  if (!options.extensions.workload.empty()) return absl::OkStatus();
  if (options.is_simple()) {
    absl::StatusOr<DatasetConfig> config = MakeDatasetConfigOfKey(options.dataset_key);
    if (!config.ok()) return Bad("--dataset-key: " + std::string(config.status().message()));
    spec.dataset = *std::move(config);
    spec.dataset->with_instruction = false;  // the system's message says it
  } else if (!options.dataset_config.empty()) {
    LLMDYNO_RETURN_IF_ERROR(CheckReadable("dataset-config", options.dataset_config));
    LLMDYNO_ASSIGN_OR_RETURN(spec.dataset, ReadDatasetConfig(options.dataset_config));
  }
  return absl::OkStatus();
}

// What the sweep sends by itself.
std::string UsualDialect(const SweepOptions& options, const SweepSpec& spec) {
  if (spec.requests == RequestKind::kEmbedding) return "embeddings";
  return spec.requests == RequestKind::kRerank ? "rerank:api=" + options.rerank_api : "openai";
}

absl::Status MakeSpelling(SweepOptions& options, const FlagTable& flags, const Catalog& catalog,
                          const Diagnostics& diagnostics, SweepSpec& spec) {
  if (options.stream && flags.WasGiven("no-stream"))
    return Bad("--stream and --no-stream exclude each other");
  if (options.stream) options.request.no_stream = false;
  LLMDYNO_RETURN_IF_ERROR(options.request.ApplyTo(spec.run));
  const bool has_pictures = spec.images || (spec.scenario && DrawsPictures(*spec.scenario));
  if (has_pictures && (options.prompt_token_ids || options.request.api == "completions")) {
    return Bad(
        "pictures go to the chat completions route only: drop --prompt-token-ids and --api completions");
  }
  if (options.prompt_token_ids && flags.WasGiven("api") && options.request.api == "chat") {
    return Bad("--prompt-token-ids goes to the completions route: drop --api chat");
  }
  if (options.prompt_token_ids && options.replay_dataset) {
    return Bad("--prompt-token-ids and --replay-dataset exclude each other: rows are sent as they are");
  }
  spec.max_output_tokens = options.max_tokens.value_or(has_pictures ? 32 : 4096);
  if (options.is_grid()) spec.run.dialect.ignore_eos = true;
  spec.run.dialect.n = options.num_completions;
  if (options.prompt_token_ids) spec.run.dialect.route = OpenAiRoute::kCompletions;
  LLMDYNO_ASSIGN_OR_RETURN(spec.dialect, ApplyDialect(options.extensions, UsualDialect(options, spec),
                                                      catalog, diagnostics, spec.run));
  return absl::OkStatus();
}

// What only generated text has.
absl::Status CheckKind(const SweepOptions& options, const FlagTable& flags, const SweepSpec& spec) {
  if (spec.requests == RequestKind::kGeneration) return absl::OkStatus();
  for (const char* flag : {"prompt-token-ids", "num-completions", "ignore-eos", "min-tokens", "stream"}) {
    if (!flags.WasGiven(flag)) continue;
    return Bad(Name(flag) + " and --scenario " + options.scenario +
               " exclude each other: no text is generated");
  }
  return absl::OkStatus();
}

// Before an hour of measuring, not after it.
absl::Status CheckPlot(const SweepOptions& options) {
  if (options.plot.empty() || options.plot.ends_with(".png") || options.plot.ends_with(".svg")) {
    return absl::OkStatus();
  }
  return Bad("--plot: expected a name that ends in .png or .svg, got '" + options.plot + "'");
}

std::string ResultsFile(const SweepOptions& options) {
  const char* usual = options.is_simple() ? "async_benchmark_results.json"
                      : options.is_grid() ? "shapes_results.json"
                                          : "completion_advanced_benchmark_results.json";
  const std::string name = options.results_file.empty() ? usual : options.results_file;
  return options.results_dir.empty() ? name : (std::filesystem::path(options.results_dir) / name).string();
}

std::string PromptSource(const SweepOptions& options, const SweepSpec& spec) {
  if (!options.extensions.workload.empty()) return options.extensions.workload;
  if (options.is_simple()) return "dataset";
  if (options.is_grid()) return "grid";
  if (options.replay_dataset) return "replay";
  return spec.scenario ? "scenario" : "filler";
}

}  // namespace

absl::StatusOr<SweepSpec> MakeSweepSpec(SweepOptions& options, const FlagTable& flags, const Catalog& catalog,
                                        const Diagnostics& diagnostics) {
  if (!options.endpoint.simulate.empty() && !flags.WasGiven(kUrlFlag)) options.endpoint.base_url.clear();
  LLMDYNO_RETURN_IF_ERROR(
      options.endpoint.Complete(options.is_simple() ? "llmdyno-sweep simple" : "llmdyno-sweep", kUrlFlag));
  SweepSpec spec;
  LLMDYNO_RETURN_IF_ERROR(options.endpoint.ApplyTo(spec.run, kUrlFlag));
  LLMDYNO_RETURN_IF_ERROR(options.connection.ApplyTo(spec.run));
  LLMDYNO_RETURN_IF_ERROR(CheckPlot(options));
  LLMDYNO_RETURN_IF_ERROR(CheckSources(options, flags));
  if (!options.extensions.workload.empty()) {
    LLMDYNO_RETURN_IF_ERROR(CheckWorkloadName("--workload", options.extensions.workload, catalog));
    spec.run.workload.name = options.extensions.workload;
    spec.run.workload.request.system_prompt.clear();
    spec.run.workload.request.max_output_tokens = options.max_tokens;
  }
  LLMDYNO_RETURN_IF_ERROR(ReadScenario(options, flags, spec));
  LLMDYNO_RETURN_IF_ERROR(CheckKind(options, flags, spec));
  LLMDYNO_RETURN_IF_ERROR(ReadDataset(options, spec));
  LLMDYNO_RETURN_IF_ERROR(MakeLevels(options, flags, spec));
  LLMDYNO_RETURN_IF_ERROR(MakeAdapters(options, flags, spec));
  spec.prompt_source = PromptSource(options, spec);
  LLMDYNO_RETURN_IF_ERROR(MakeSpelling(options, flags, catalog, diagnostics, spec));
  spec.kind = options.is_simple() ? SweepKind::kSimple
              : options.is_grid() ? SweepKind::kShapes
                                  : SweepKind::kCompletion;
  if (options.steady_state_threshold > 1) {
    return Bad("--steady-state-threshold: expected a share above 0 and up to 1, got " +
               NumberWord(options.steady_state_threshold));
  }
  spec.sweep.runs = options.num_runs;
  spec.sweep.warm_up_requests = options.warmup_runs;
  spec.sweep.metrics.num_completions = options.num_completions;
  spec.sweep.metrics.expects_exact_output = spec.run.dialect.ignore_eos;
  spec.sweep.metrics.steady.threshold = options.steady_state_threshold;
  spec.run.transport.expected_concurrency = static_cast<int>(std::min<int64_t>(spec.most_in_flight, 1000));
  spec.run.keep_texts = options.save_text;
  spec.run.seed = static_cast<uint64_t>(options.seed);
  spec.run.stop.consecutive_failures_at_start.reset();
  spec.run.stop.consecutive_failures.reset();
  spec.run.stop.refusals_at_start = kRefusalsAtStart;
  spec.results_file = ResultsFile(options);
  return spec;
}

}  // namespace llmdyno
