#include "cli/sweep_files.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>
#include <vector>

#include "cli/plugin_host.h"
#include "cli/result_folder.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/report/result_file.h"
#include "llmdyno/report/sweep_json.h"
#include "llmdyno/report/sweep_resume.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

// "results.json" -> "results-2.json".
fs::path Numbered(const fs::path& path, int number) {
  return path.parent_path() /
         (path.stem().string() + "-" + std::to_string(number) + path.extension().string());
}

// The log beside results; that of a resumed run has a number.
fs::path RecordsOf(const fs::path& results) {
  return results.parent_path() / (results.stem().string() + ".records.jsonl");
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

absl::Status Rename(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError("--results-file: '" + from.string() +
                                    "' is there already and cannot be renamed: " + error.message());
}

// Its logs go with it, so that a result and the log of the same name are always of the same run.
absl::Status KeepOlderFile(const fs::path& results, const Diagnostics& diagnostics) {
  std::error_code ignored;
  if (!fs::exists(results, ignored)) return absl::OkStatus();
  const fs::path records = RecordsOf(results);
  std::vector<fs::path> logs;
  if (fs::exists(records, ignored)) logs.push_back(records);
  for (int number = 2; fs::exists(Numbered(records, number), ignored); ++number) {
    logs.push_back(Numbered(records, number));
  }
  int number = 2;
  while (fs::exists(Numbered(results, number), ignored) ||
         fs::exists(RecordsOf(Numbered(results, number)), ignored)) {
    ++number;
  }
  const fs::path kept = Numbered(results, number);
  LLMDYNO_RETURN_IF_ERROR(Rename(results, kept));
  for (const fs::path& log : logs) {
    const std::string behind_stem = log.filename().string().substr(results.stem().string().size());
    LLMDYNO_RETURN_IF_ERROR(Rename(log, kept.parent_path() / (kept.stem().string() + behind_stem)));
  }
  diagnostics.Note("the earlier '" + results.string() + "' is now '" + kept.string() + "'" +
                   (logs.empty() ? "" : ", and its log likewise"));
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
  fs::path records = RecordsOf(results);
  for (int number = 2; fs::exists(records, ignored); ++number) records = Numbered(RecordsOf(results), number);
  files.records = records.string();
  NoteRecordsFile(files.records);
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
