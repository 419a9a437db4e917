#include "report/sweep_plot_data.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "report/sweep_plot_parse.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

absl::Status Refuse(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError("'" + path + "' " + why);
}

constexpr const char* kCanPlot =
    ": plot draws results of llmdyno-sweep, of llmdyno-embed and of the benchmarks that they replace";

// What somebody who mixed up files has given.
absl::Status NotASweep(const std::string& path, const Json& json) {
  const Json& first = json.is_array() && !json.empty() ? json.front() : json;
  if (first.is_object() && (first.contains("qps_target") || first.contains("qps_levels"))) {
    return Refuse(path,
                  "is of a QPS benchmark" + std::string(kCanPlot) + ", llmdyno-qps --plot those of QPS");
  }
  if (TextAt(json, {"format"}) == "llmdyno-summary")
    return Refuse(path, "is the summary of a race" + std::string(kCanPlot));
  if (FindAt(json, {"request_throughput"}) != nullptr)
    return Refuse(path, "is of a serving benchmark" + std::string(kCanPlot));
  return Refuse(path, "holds no benchmark results" + std::string(kCanPlot));
}

// A level in a file of its own, as one of the older tools wrote them.
bool IsOneLevel(const Json& json) {
  return json.is_object() && json.contains("result") && json["result"].is_object() &&
         (json.contains("sweep_value") || json.contains("config_key"));
}

bool IsWholeResult(const Json& json) {
  return json.is_object() && json.contains("results") && json["results"].is_object();
}

const Json& MetadataOf(const Json& json) {
  static const Json kNone = Json::object();
  const Json* metadata = FindAt(json, {"metadata"});
  return metadata != nullptr ? *metadata : kNone;
}

std::string KeyOfLevel(const Json& json, const std::string& path) {
  for (const char* name : {"sweep_value", "config_key"}) {
    const Json* key = FindAt(json, {name});
    if (key != nullptr) return key->is_string() ? key->get<std::string>() : key->dump();
  }
  return fs::path(path).stem().string();
}

// Ascending, and what was asked for without having an entry.
void PutInOrder(SweepPlotRun& run, const std::set<int64_t>& wanted) {
  std::stable_sort(
      run.levels.begin(), run.levels.end(),
      [](const SweepPlotLevel& a, const SweepPlotLevel& b) { return a.in_flight < b.in_flight; });
  for (const int64_t value : wanted) {
    const bool is_there = std::any_of(run.levels.begin(), run.levels.end(),
                                      [&](const SweepPlotLevel& level) { return level.in_flight == value; });
    if (!is_there && run.cells.empty()) run.missing.push_back(value);
  }
}

void AddWanted(const Json& metadata, std::set<int64_t>& wanted) {
  for (const char* key : {"batch_sizes", "concurrency_levels", "requested_levels"}) {
    const Json* values = FindAt(metadata, {key});
    if (values == nullptr || !values->is_array()) continue;
    for (const Json& value : *values) {
      if (value.is_number_integer()) wanted.insert(value.get<int64_t>());
    }
  }
}

absl::StatusOr<SweepPlotRun> RunOf(const std::string& path, const Json& json) {
  SweepPlotRun run;
  run.path = path;
  const Json& metadata = MetadataOf(json);
  ParsePlotMetadata(metadata, run);
  std::set<int64_t> wanted;
  AddWanted(metadata, wanted);
  for (const auto& [key, entry] : json["results"].items()) {
    if (ParsePlotEntry(key, entry, metadata, run)) continue;
    if (const auto value = ParseInteger(key)) wanted.insert(*value);
  }
  if (run.levels.empty() && run.cells.empty()) {
    return json["results"].empty() || metadata.contains("model")
               ? Refuse(path, "holds no level with a result")
               : NotASweep(path, json);
  }
  PutInOrder(run, wanted);
  return run;
}

absl::StatusOr<Json> ReadJson(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot open '" + path + "'");
  Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded()) return Refuse(path, "is no JSON: expected the results of a sweep");
  return json;
}

struct NamedJson {
  std::string path;
  Json json;
};

// The levels of one result, a file each. Stale files of another sweep in the same folder would mix: told.
absl::StatusOr<SweepPlotRun> RunOfLevels(const std::string& path, const std::vector<NamedJson>& files) {
  SweepPlotRun run;
  run.path = path;
  ParsePlotMetadata(MetadataOf(files.front().json), run);
  std::set<int64_t> wanted;
  for (const auto& [name, json] : files) {
    const Json& metadata = MetadataOf(json);
    const Json& first = MetadataOf(files.front().json);
    for (const char* key : {"model", "scenario", "api_base", "seed"}) {
      const Json* here = FindAt(metadata, {key});
      const Json* there = FindAt(first, {key});
      if ((here == nullptr) == (there == nullptr) && (here == nullptr || *here == *there)) continue;
      if (!run.notes.empty()) continue;
      run.notes.push_back("WARNING: '" + files.front().path + "' and '" + name + "' differ in their " + key +
                          ": files of two sweeps may be in one folder");
    }
    AddWanted(metadata, wanted);
    ParsePlotEntry(KeyOfLevel(json, name), json["result"], metadata, run);
  }
  if (run.levels.empty() && run.cells.empty()) return Refuse(path, "holds no level with a result");
  PutInOrder(run, wanted);
  return run;
}

absl::StatusOr<std::vector<SweepPlotRun>> ReadFolder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  // Not by a range-for, whose step throws.
  for (fs::directory_iterator entry(path, error); entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".json") names.push_back(entry->path().string());
  }
  if (error) return Refuse(path, "cannot be read: " + error.message());
  std::sort(names.begin(), names.end());
  std::vector<NamedJson> levels;
  std::vector<SweepPlotRun> runs;
  for (const std::string& name : names) {
    // Folders of results hold other JSON files, too.
    absl::StatusOr<Json> json = ReadJson(name);
    if (!json.ok()) continue;
    if (IsOneLevel(*json))
      levels.push_back({name, std::move(*json)});
    else if (IsWholeResult(*json)) {
      if (absl::StatusOr<SweepPlotRun> run = RunOf(name, *json); run.ok()) runs.push_back(std::move(*run));
    }
  }
  if (!levels.empty()) {
    LLMDYNO_ASSIGN_OR_RETURN(SweepPlotRun run, RunOfLevels(path, levels));
    runs.push_back(std::move(run));
  }
  if (runs.empty())
    return Refuse(path, "is a folder without a .json file of benchmark results" + std::string(kCanPlot));
  return runs;
}

}  // namespace

absl::StatusOr<std::vector<SweepPlotRun>> ReadSweepPlotRuns(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return absl::NotFoundError("there is no file or folder '" + path + "'");
  if (fs::is_directory(path, ignored)) return ReadFolder(path);
  LLMDYNO_ASSIGN_OR_RETURN(const Json json, ReadJson(path));
  std::vector<SweepPlotRun> runs;
  if (IsOneLevel(json)) {
    LLMDYNO_ASSIGN_OR_RETURN(SweepPlotRun run, RunOfLevels(path, {{path, json}}));
    runs.push_back(std::move(run));
  } else if (IsWholeResult(json)) {
    LLMDYNO_ASSIGN_OR_RETURN(SweepPlotRun run, RunOf(path, json));
    runs.push_back(std::move(run));
  } else {
    return NotASweep(path, json);
  }
  return runs;
}

}  // namespace llmdyno
