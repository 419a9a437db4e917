#include "llmdyno/catalog/load_dataset.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/hub/hub_dataset.h"
#include "llmdyno/hub/local_export.h"
#include "llmdyno/workload/aime_dataset.h"
#include "llmdyno/workload/load_dataset_rows.h"
#include "llmdyno/workload/prompt_template.h"

namespace llmdyno {
namespace {

using Rows = absl::StatusOr<DatasetRows>;

// What the hub is asked for is kept as JSON Lines, whatever format was named for files.
Rows LoadFromHub(const DatasetConfig& config, const std::string& dataset, const RunSetting& setting) {
  HubDatasetConfig hub;
  hub.dataset = dataset;
  hub.subset = config.subset;
  hub.split = config.split;
  hub.image_column = config.image_column;
  hub.max_rows = config.max_rows.value_or(kMostDatasetRows);
  hub.settings = HubSettings::FromEnvironment();
  if (!config.revision.empty() && config.revision != "main") {
    setting.diagnostics.Warn("the hub's dataset server has the newest revision only: '" + config.revision +
                             "' of '" + dataset + "' cannot be asked for");
  }
  DatasetConfig file = config;
  file.file_format = "jsonl";
  LLMDYNO_ASSIGN_OR_RETURN(file.path,
                           FetchHubDataset(hub, setting.transport, setting.clock, setting.diagnostics));
  return LoadDatasetRows(file, setting.diagnostics);
}

Rows LoadHuggingFace(const DatasetConfig& config, const RunSetting& setting) {
  if (!config.is_local) return LoadFromHub(config, config.path, setting);
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                           FindLocalExport(config.path, config.subset, config.split));
  setting.diagnostics.Note("'" + config.path + "' lies here and is read; the hub is not asked");
  return LoadDatasetRows(config, files, setting.diagnostics);
}

Rows LoadAime(const DatasetConfig& config, const RunSetting& setting) {
  if (!config.path.empty()) return LoadDatasetRows(config, setting.diagnostics);
  const std::optional<std::string> file = FindAimeFile();
  if (!file) return LoadFromHub(config, std::string(kAimeHubDataset), setting);
  DatasetConfig local = config;
  local.path = *file;
  return LoadDatasetRows(local, setting.diagnostics);
}

// A prompt with the pictures that go with it.
DatasetRow RowOf(const Request& request) {
  DatasetRow row;
  row.prompt = PromptText(request);
  if (const auto* chat = std::get_if<ChatBody>(&request.body)) {
    for (const Message& message : chat->messages) {
      row.image_urls.insert(row.image_urls.end(), message.image_urls.begin(), message.image_urls.end());
    }
  }
  return row;
}

absl::Status Fill(const PromptTemplate& prompt_template, DatasetRow& row) {
  const absl::StatusOr<std::string> prompt = prompt_template.Fill(
      [&](std::string_view column) { return column == "text" ? std::optional(row.prompt) : std::nullopt; });
  if (!prompt.ok()) {
    return absl::InvalidArgumentError("prompt_template: " + std::string(prompt.status().message()) +
                                      "; the prompts of a workload have one column, 'text'");
  }
  row.prompt = *prompt;
  return absl::OkStatus();
}

// A source whose next request hangs on an answer has no more of them here.
std::optional<Request> NextOf(RequestSource& source) {
  NextRequest next = source.Next(TimePoint());
  if (const auto* later = std::get_if<NotBefore>(&next)) next = source.Next(later->at);
  if (auto* request = std::get_if<Request>(&next)) return std::move(*request);
  return std::nullopt;
}

// "source": {"type": "custom", "workload": "random:input_len=512"}
Rows LoadWorkload(const DatasetConfig& config, const RunSetting& setting, TokenCounter& counter) {
  WorkloadSpec spec;
  spec.name = config.path;
  spec.requests = config.max_rows.value_or(kUsualCustomRows);
  LLMDYNO_ASSIGN_OR_RETURN(const Params params, Params::Parse(spec.name));
  // The same rows whatever the run's seed: they are the dataset.
  const WorkloadContext context{spec, counter, RandomStreams(0).Stream("dataset rows"), setting.diagnostics};
  LLMDYNO_ASSIGN_OR_RETURN(const std::unique_ptr<RequestSource> source,
                           setting.catalog.workloads.Make(params, context));
  std::optional<PromptTemplate> prompt_template;
  if (!config.prompt_template.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(prompt_template, PromptTemplate::Parse(config.prompt_template));
  }
  DatasetRows rows;
  int64_t bytes = 0;
  while (rows.looked_at < *spec.requests) {
    const std::optional<Request> request = NextOf(*source);
    if (!request) break;
    ++rows.looked_at;
    DatasetRow row = RowOf(*request);
    if (row.prompt.empty() && row.image_urls.empty()) {
      if (++rows.skipped == 1) rows.first_skipped = "row " + std::to_string(rows.looked_at) + ": no prompt";
      continue;
    }
    if (prompt_template) LLMDYNO_RETURN_IF_ERROR(Fill(*prompt_template, row));
    bytes += static_cast<int64_t>(row.prompt.size());
    if (bytes > config.most_bytes) {
      return absl::InvalidArgumentError("the prompts of the workload '" + config.path +
                                        "' are too large to be held in memory: expected a max_rows of " +
                                        WithThousands(std::ssize(rows.rows)) + " or less");
    }
    rows.rows.push_back(std::move(row));
  }
  if (!rows.rows.empty()) return rows;
  return absl::InvalidArgumentError("the workload '" + config.path + "' has no prompts to be taken as rows");
}

}  // namespace

Rows LoadDataset(const DatasetConfig& config, const RunSetting& setting, TokenCounter& counter) {
  for (const std::string& note : config.notes) setting.diagnostics.Note(note);
  switch (config.source) {
    case DatasetSource::kHuggingFace:
      return LoadHuggingFace(config, setting);
    case DatasetSource::kAime:
      return LoadAime(config, setting);
    case DatasetSource::kCustom:
      return LoadWorkload(config, setting, counter);
    default:
      return LoadDatasetRows(config, setting.diagnostics);
  }
}

}  // namespace llmdyno
