#include "sweep/sweep_requests.h"

#include <algorithm>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/catalog/load_dataset.h"
#include "llmdyno/catalog/workload_preparer.h"
#include "llmdyno/workload/noise_image.h"
#include "llmdyno/workload/question_preparer.h"
#include "llmdyno/workload/replay_preparer.h"
#include "llmdyno/workload/scenario_preparer.h"
#include "llmdyno/workload/synthetic_text.h"

namespace llmdyno {
namespace {

using Preparer = absl::StatusOr<std::unique_ptr<RequestPreparer>>;

// Short prompts and answers, of other lengths than anybody measures with.
constexpr const char* kWarmUpScenario = "N(100,50)/(50,25)";
constexpr int64_t kSimpleWarmUpTokens = 30;
constexpr const char* kWarmUpKey = "warm-up";
// Prepared for runs that end by the clock, when nobody says how many.
constexpr int64_t kTimedPrompts = 512;
constexpr int64_t kTimedPromptsPerUser = 32;
constexpr int64_t kMostImageBytes = int64_t{4} << 30;
// Where prompts are not made of a dataset; the same text for every seed of requests.
constexpr const char* kPoolStream = "synthetic pool";

std::shared_ptr<const std::string> MakeNoise(int64_t width_px, int64_t height_px, Rng rng) {
  return std::make_shared<const std::string>(DataUrl("image/png", NoisePng(width_px, height_px, rng)));
}

// Base64 of three bytes a pixel.
double BytesOf(const ImageShape& images) {
  return 4.0 * static_cast<double>(images.width_px) * static_cast<double>(images.height_px) *
         static_cast<double>(images.count);
}

// Pictures beside a scenario's text.
absl::Status AttachImages(const ImageShape& images, Rng rng, const Watch& watch,
                          std::vector<Request>& requests) {
  for (Request& request : requests) {
    auto* chat = std::get_if<ChatBody>(&request.body);
    if (chat == nullptr || chat->messages.empty()) continue;
    for (int64_t i = 0; i < images.count; ++i) {
      LLMDYNO_RETURN_IF_ERROR(watch());
      chat->messages.back().image_urls.push_back(
          MakeNoise(images.width_px, images.height_px, Rng(rng.Next())));
    }
  }
  return absl::OkStatus();
}

// Some of the text that prompts are made of, of the dataset or synthetic.
std::vector<std::string> SampleOf(const DatasetRows* rows) {
  constexpr size_t kEnough = 8000;  // bytes
  std::vector<std::string> sample;
  if (rows == nullptr) {
    SyntheticText(Rng(1)).Write(kEnough / 5, sample.emplace_back());
    return sample;
  }
  size_t bytes = 0;
  for (size_t i = 0; i < rows->rows.size() && bytes < kEnough; ++i) {
    bytes += sample.emplace_back(rows->rows[i].prompt).size();
  }
  return sample;
}

bool HasPictures(const DatasetRows& rows) {
  return std::any_of(rows.rows.begin(), rows.rows.end(),
                     [](const DatasetRow& row) { return !row.image_urls.empty(); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<SweepRequests>> SweepRequests::Make(const SweepSpec& spec,
                                                                   const SweepOptions& options,
                                                                   const RunSetting& setting,
                                                                   TokenCounter& counter,
                                                                   const LearnLengths& learn, Watch watch) {
  std::unique_ptr<SweepRequests> requests(
      new SweepRequests(spec, options, setting, counter, std::move(watch)));
  if (spec.dataset) LLMDYNO_RETURN_IF_ERROR(requests->ReadDataset(setting));
  for (const SweepLevel& level : spec.sweep.levels) {
    LLMDYNO_RETURN_IF_ERROR(requests->CheckImageMemory(requests->RequestsOf(level)));
  }
  if (!options.is_simple() && options.extensions.workload.empty()) {
    LLMDYNO_RETURN_IF_ERROR(requests->MakePool(setting, learn));
  }
  for (const SweepLevel& level : spec.sweep.levels) {
    LLMDYNO_RETURN_IF_ERROR(requests->PreparerOf(level, false).status());
  }
  return requests;
}

absl::Status SweepRequests::ReadDataset(const RunSetting& setting) {
  LLMDYNO_ASSIGN_OR_RETURN(DatasetRows rows, LoadDataset(*spec_.dataset, setting, counter_));
  if (rows.skipped > 0) {
    notes_.push_back("dataset: " + WithThousands(rows.skipped) + " of " + WithThousands(rows.looked_at) +
                     " rows left out (" + rows.first_skipped + ")");
  }
  rows_ = std::make_shared<const DatasetRows>(std::move(rows));
  return absl::OkStatus();
}

absl::StatusOr<RequestPreparer*> SweepRequests::PreparerOf(const SweepLevel& level, bool is_warm_up) {
  const bool is_grid = !spec_.cells.empty();
  const std::string key = is_warm_up ? kWarmUpKey : is_grid ? level.key : "";
  auto found = preparers_.find(key);
  if (found == preparers_.end()) {
    LLMDYNO_ASSIGN_OR_RETURN(auto preparer, is_warm_up ? MakeWarmUp() : MakePreparer(level));
    found = preparers_.emplace(key, std::move(preparer)).first;
  }
  return found->second.get();
}

absl::Status SweepRequests::MakePool(const RunSetting& setting, const LearnLengths& learn) {
  const bool has_text =
      rows_ != nullptr && std::any_of(rows_->rows.begin(), rows_->rows.end(),
                                      [](const DatasetRow& row) { return !row.prompt.empty(); });
  if (learn && !options_.replay_dataset && spec_.requests == RequestKind::kGeneration) {
    const std::vector<std::string> sample = SampleOf(has_text ? rows_.get() : nullptr);
    LLMDYNO_RETURN_IF_ERROR(learn(std::vector<std::string_view>(sample.begin(), sample.end())));
  }
  if (has_text) {
    LLMDYNO_ASSIGN_OR_RETURN(pool_, MakeTextPool(*rows_, counter_));
  } else {
    LLMDYNO_ASSIGN_OR_RETURN(
        pool_, MakeSyntheticTextPool(counter_, RandomStreams(spec_.run.seed).Stream(kPoolStream)));
  }
  setting.diagnostics.Note(std::string("text for prompts: ") + (has_text ? "" : "synthetic, ") +
                           Describe(*pool_));
  return absl::OkStatus();
}

Preparer SweepRequests::MakePreparer(const SweepLevel& level) {
  if (!options_.extensions.workload.empty()) {
    return MakeWorkloadPreparer(spec_.run.workload, catalog_, counter_, diagnostics_);
  }
  if (options_.is_simple()) return MakeQuestions(options_.max_tokens);
  if (options_.replay_dataset) {
    ReplayPreparerConfig config;
    config.wording = spec_.run.workload.request.body;
    config.max_output_tokens = spec_.max_output_tokens;
    config.exact_output = spec_.run.dialect.ignore_eos;
    return MakeReplayPreparer(rows_, config, &counter_);
  }
  if (spec_.scenario) return MakeScenario(*spec_.scenario);
  return MakeScenario(spec_.cells.empty() ? ImageScenario() : CellScenario(level));
}

Preparer SweepRequests::MakeQuestions(std::optional<int64_t> max_output_tokens) {
  QuestionPreparerConfig config;
  config.max_output_tokens = max_output_tokens;
  return MakeQuestionPreparer(rows_, config, &counter_);
}

// Pictures without a scenario, as the scenario that they are.
absl::StatusOr<Scenario> SweepRequests::ImageScenario() const {
  return Scenario::Parse("I(" + std::to_string(spec_.images->width_px) + "," +
                         std::to_string(spec_.images->height_px) + "," + std::to_string(spec_.images->count) +
                         ")");
}

absl::StatusOr<Scenario> SweepRequests::CellScenario(const SweepLevel& level) const {
  for (size_t i = 0; i < spec_.cells.size(); ++i) {
    if (spec_.sweep.levels[i].key != level.key) continue;
    return Scenario::Parse("D(" + std::to_string(spec_.cells[i].input_tokens) + "," +
                           std::to_string(spec_.cells[i].output_tokens) + ")");
  }
  return absl::InternalError("a level without a cell: " + level.key);
}

Preparer SweepRequests::MakeScenario(const absl::StatusOr<Scenario>& scenario) {
  if (!scenario.ok()) return scenario.status();
  ScenarioPreparerConfig config{.scenario = *scenario};
  if (spec_.requests == RequestKind::kGeneration) {
    if (options_.request.api == "completions") config.wording = PromptWording::kCompletion;
    if (options_.prompt_token_ids) config.wording = PromptWording::kTokenIds;
  }
  config.max_output_tokens = spec_.max_output_tokens;
  for (const ShapeCell& cell : spec_.cells) {
    config.max_output_tokens = std::max(config.max_output_tokens, cell.output_tokens);
  }
  config.exact_output = spec_.run.dialect.ignore_eos;
  config.prefix.tokens = options_.shared_prefix;
  config.prefix.ratio = options_.prefix_ratio;
  config.prefix.seed = spec_.run.seed;
  config.image_text_tokens = options_.input_tokens.value_or(config.image_text_tokens);
  config.make_image = [this](int64_t width_px, int64_t height_px, Rng rng) {
    // Once the watch has had enough, Prepare() fails and these are never sent.
    return watch_().ok() ? MakeNoise(width_px, height_px, rng) : std::make_shared<const std::string>();
  };
  if (rows_ != nullptr && HasPictures(*rows_)) config.pictures = rows_;
  config.texts_per_request = options_.texts_per_request;
  config.rerank_documents = options_.rerank_documents;
  auto preparer = MakeScenarioPreparer(config, pool_, counter_);
  if (!absl::IsUnimplemented(preparer.status())) return preparer;
  return absl::InvalidArgumentError("--prompt-token-ids: " + std::string(preparer.status().message()));
}

// Warm-ups are spelled like the requests that they warm up for.
Preparer SweepRequests::MakeWarmUp() {
  if (!options_.extensions.workload.empty()) {
    return MakeWorkloadPreparer(spec_.run.workload, catalog_, counter_, diagnostics_);
  }
  if (options_.is_simple()) return MakeQuestions(kSimpleWarmUpTokens);
  if (spec_.requests != RequestKind::kGeneration) return MakeScenario(*spec_.scenario);
  return MakeScenario(Scenario::Parse(kWarmUpScenario));
}

absl::StatusOr<std::vector<Request>> SweepRequests::Prepare(const SweepLevel& level, int64_t run) {
  const bool is_warm_up = run < 0;
  LLMDYNO_ASSIGN_OR_RETURN(RequestPreparer * preparer, PreparerOf(level, is_warm_up));
  const RandomStreams streams(spec_.run.seed);
  const std::string name = "level " + level.key + (is_warm_up ? " warm-up" : " run " + std::to_string(run));
  const int64_t count = is_warm_up ? spec_.sweep.warm_up_requests : RequestsOf(level);
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<Request> requests,
                           preparer->Prepare(count, streams.Stream(name + " prompts")));
  LLMDYNO_RETURN_IF_ERROR(watch_());
  if (!options_.extensions.workload.empty() && !is_warm_up) {
    LLMDYNO_RETURN_IF_ERROR(CheckEnough(level, std::ssize(requests)));
  }
  if (spec_.images && spec_.scenario && !is_warm_up) {
    LLMDYNO_RETURN_IF_ERROR(
        AttachImages(*spec_.images, streams.Stream(name + " pictures"), watch_, requests));
  }
  if (spec_.adapters) {
    AssignAdapters(*spec_.adapters, spec_.run.endpoint.model, requests, streams.Stream(name + " adapters"));
  }
  return requests;
}

// A level with fewer requests than it says would be another level. One that ends by the clock begins again.
absl::Status SweepRequests::CheckEnough(const SweepLevel& level, int64_t requests) const {
  if (!level.requests || requests >= *level.requests) return absl::OkStatus();
  return absl::InvalidArgumentError("--workload: '" + options_.extensions.workload + "' has " +
                                    WithThousands(requests) + " requests, and a run of level " + level.key +
                                    " needs " + WithThousands(*level.requests));
}

void SweepRequests::SizeLevels(std::vector<SweepLevel>& levels) const {
  if (!options_.replay_dataset) return;
  for (SweepLevel& level : levels) level.requests = std::min(RequestsOf(level), std::ssize(rows_->rows));
}

int64_t SweepRequests::RequestsOf(const SweepLevel& level) const {
  if (level.requests) return *level.requests;
  if (options_.replay_dataset) return std::ssize(rows_->rows);
  return std::max(kTimedPrompts, kTimedPromptsPerUser * level.in_flight);
}

// Of those that are made up; pictures of a dataset are there once, whatever the number of requests.
double SweepRequests::ImageBytesPerRequest() const {
  double bytes = spec_.images ? BytesOf(*spec_.images) : 0;
  if (!spec_.scenario || (rows_ != nullptr && HasPictures(*rows_))) return bytes;
  double weights = 0;
  double weighted_bytes = 0;
  for (const ScenarioPart& part : spec_.scenario->parts()) {
    const auto* shape = std::get_if<RequestShape>(&part.lengths);
    weights += part.weight;
    if (shape != nullptr && shape->images) weighted_bytes += part.weight * BytesOf(*shape->images);
  }
  return bytes + weighted_bytes / weights;
}

absl::Status SweepRequests::CheckImageMemory(int64_t count) const {
  const double bytes = ImageBytesPerRequest();
  if (bytes * static_cast<double>(count) <= static_cast<double>(kMostImageBytes)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      std::string(spec_.images ? "--num-images, --image-size: " : "--scenario: ") + WithThousands(count) +
      " requests with pictures of " + WithThousands(static_cast<int64_t>(bytes)) +
      " bytes each do not fit into 4 GB; they are made before a run begins. Send fewer "
      "requests a run, or smaller pictures");
}

}  // namespace llmdyno
