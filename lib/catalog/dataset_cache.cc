#include "catalog/dataset_cache.h"

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "llmdyno/base/clock.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

// Empty when there is no such file.
std::string StampOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "";
  return std::to_string(status.st_dev) + "/" + std::to_string(status.st_ino) + "/" +
         std::to_string(status.st_size) + "/" + std::to_string(status.st_mtim.tv_sec) + "/" +
         std::to_string(status.st_mtim.tv_nsec);
}

// "conversations.json: 15,000 conversations, 12 skipped (the first: row 17: no messages), read in 0.3 s".
std::string Describe(const std::string& path, const ConversationDataset& dataset, double seconds) {
  const DatasetSummary& summary = dataset.summary();
  const bool has_turns =
      summary.format == "conversations" || summary.format == "sharegpt" || summary.format == "messages";
  std::string text = std::filesystem::path(path).filename().string() + ": " + WithThousands(dataset.size()) +
                     (has_turns ? " conversations" : " prompts");
  if (summary.skipped > 0) {
    text += ", " + WithThousands(summary.skipped) + " skipped (the first: " + summary.first_skipped + ")";
  }
  char took[32];
  std::snprintf(took, sizeof took, "%.1f", seconds);
  text += ", read in " + std::string(took) + " s";
  if (!dataset.is_in_memory()) text += "; too large for memory, rows are read again when they are sent";
  return text;
}

}  // namespace

absl::StatusOr<std::shared_ptr<ConversationDataset>> DatasetCache::Load(
    const ConversationDatasetConfig& config, const Diagnostics& diagnostics) {
  const std::string stamp = StampOf(config.path);
  if (dataset_ != nullptr && config == config_ && stamp == stamp_ && !stamp.empty()) return dataset_;
  dataset_ = nullptr;  // not two of them at once in memory
  const TimePoint started = SystemClock().Now();
  LLMDYNO_ASSIGN_OR_RETURN(std::shared_ptr<ConversationDataset> dataset, LoadConversationDataset(config));
  const double seconds = ToSeconds(SystemClock().Now() - started);
  diagnostics.Note(Describe(config.path, *dataset, seconds));
  if (!dataset->summary().remark.empty()) diagnostics.Warn(config.path + ": " + dataset->summary().remark);
  config_ = config;
  stamp_ = stamp;
  dataset_ = dataset;
  return dataset;
}

}  // namespace llmdyno
