#include "cli/sweep_files.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

#include "cli/result_folder.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/report/result_file.h"
#include "llmdyno/report/sweep_json.h"
#include "llmdyno/report/sweep_resume.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

// "results.json" -> "results-2.json", the first number that is free.
fs::path FreeName(const fs::path& path) {
  std::error_code ignored;
  for (int number = 2;; ++number) {
    fs::path other = path.parent_path() /
                     (path.stem().string() + "-" + std::to_string(number) + path.extension().string());
    if (!fs::exists(other, ignored)) return other;
  }
}

// Tells runs apart, also those of the same second.
std::string NewRunId(const Clock& clock) {
  char text[16];
  std::snprintf(text, sizeof text, "-%08x", static_cast<unsigned>(std::random_device()()));
  return FormatLocalTime(clock.WallNow(), "%Y%m%d-%H%M%S") + text;
}

absl::Status MakeFolder(const fs::path& file) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError("--results-file: cannot make the folder of '" + file.string() +
                                    "': " + error.message());
}

absl::Status KeepOlderFile(const fs::path& results, const Diagnostics& diagnostics) {
  std::error_code error;
  if (!fs::exists(results, error)) return absl::OkStatus();
  const fs::path kept = FreeName(results);
  fs::rename(results, kept, error);
  if (error) {
    return absl::InvalidArgumentError("--results-file: '" + results.string() +
                                      "' is there already and cannot be renamed: " + error.message());
  }
  diagnostics.Note("the earlier '" + results.string() + "' is now '" + kept.string() + "'");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SweepFiles> OpenSweepFiles(const std::string& results_file, bool resume,
                                          const std::vector<std::string>& keys, const Clock& clock,
                                          const Diagnostics& diagnostics, SweepReport& report) {
  const fs::path results(results_file);
  LLMDYNO_RETURN_IF_ERROR(MakeFolder(results));
  report.run_id = NewRunId(clock);
  std::error_code ignored;
  if (resume && fs::exists(results, ignored)) {
    LLMDYNO_ASSIGN_OR_RETURN(KeptLevels kept, ReadKeptLevels(results_file, report));
    report.run_id = kept.run_id;
    report.kept_levels = std::move(kept.levels);
  } else {
    LLMDYNO_RETURN_IF_ERROR(KeepOlderFile(results, diagnostics));
  }
  SweepFiles files;
  files.results = results_file;
  const bool is_complete = std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return std::any_of(report.kept_levels.begin(), report.kept_levels.end(),
                       [&](const KeptLevel& level) { return level.key == key; });
  });
  report.files = {{"results", files.results}};
  if (is_complete) return files;
  fs::path records = results.parent_path() / (results.stem().string() + ".records.jsonl");
  if (fs::exists(records, ignored)) records = FreeName(records);
  files.records = records.string();
  LLMDYNO_ASSIGN_OR_RETURN(files.record_log, OpenRecordLog(files.records, {clock.Now(), clock.WallNow(),
                                                                           report.configuration_json}));
  report.files.push_back({"records", files.records});
  LLMDYNO_RETURN_IF_ERROR(SaveSweep(files, report));
  return files;
}

absl::Status SaveSweep(const SweepFiles& files, const SweepReport& report) {
  return WriteResultFile(files.results, SweepResultsJson(report));
}

}  // namespace llmdyno
