#include "llmdyno/report/compared_result.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/run_digest.h"
#include "report/compared_files.h"
#include "report/compared_records.h"
#include "report/result_paths.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

absl::Status Wrong(const std::string& text) { return absl::InvalidArgumentError(text); }

// Of a race of which only a CSV or a record log is left.
absl::StatusOr<ComparedResult> FromDigest(const std::string& path) {
  LLMDYNO_ASSIGN_OR_RETURN(const RunDigest digest, ReadRunDigest(path));
  ComparedResult result;
  result.source = digest.source;
  result.label = digest.label;
  result.model = digest.model;
  result.is_simulated = digest.is_simulated;
  ComparedLevel level;
  level.key = "race";
  level.is_valid = digest.is_valid;
  if (const auto rate = digest.OutputTokensPerSecond()) level.stored["output_tokens_per_s"] = {*rate, {}};
  if (digest.requests > 0) {
    level.stored["error_share"] = {1 - *digest.SuccessRatePercent() / 100, {}};
    if (digest.elapsed_s && *digest.elapsed_s > 0) {
      level.stored["requests_per_s"] = {static_cast<double>(digest.successful) / *digest.elapsed_s, {}};
    }
  }
  result.levels.push_back(std::move(level));
  return result;
}

struct Parsed {
  ComparedResult result;
  std::string records;                            // the log's name as the file has it
  std::map<std::string, std::string> started_at;  // by key of the level
  FirstToken first_token = FirstToken::kAnyText;
};

FirstToken FirstTokenOf(const Json& json) {
  const auto found = json.find("first_token");
  if (found == json.end() || !found->is_string()) return FirstToken::kAnyText;
  return ParseFirstToken(found->get<std::string>()).value_or(FirstToken::kAnyText);
}

Parsed ParseRace(const Json& json) {
  Parsed parsed;
  parsed.result = ComparedRace(json);
  parsed.records = NameIn(json, "records");
  return parsed;
}

absl::StatusOr<Parsed> ParseQps(const Json& levels, const std::string& path) {
  const fs::path beside = fs::path(path).parent_path() / "metadata.json";
  LLMDYNO_ASSIGN_OR_RETURN(const Json metadata, ReadJson(beside.string()));
  Parsed parsed;
  parsed.result = ComparedQps(levels, metadata);
  parsed.records = NameIn(metadata, "records");
  if (parsed.records.empty()) parsed.records = "records.jsonl";
  parsed.first_token = FirstTokenOf(metadata);
  for (size_t i = 0; i < levels.size(); ++i) {
    parsed.started_at[parsed.result.levels[i].key] = StartedAt(levels[i]);
  }
  return parsed;
}

Parsed ParseSweep(const Json& json) {
  Parsed parsed;
  parsed.result = ComparedSweep(json);
  parsed.records = NameIn(json.at("metadata"), "records");
  for (const ComparedLevel& level : parsed.result.levels) {
    parsed.started_at[level.key] = StartedAt(json.at("results").at(level.key));
  }
  return parsed;
}

Parsed ParseServing(const Json& json) {
  Parsed parsed;
  parsed.result = ComparedServing(json);
  const Json::json_pointer where("/llmdyno/configuration/records");
  if (json.contains(where) && json.at(where).is_string()) parsed.records = json.at(where).get<std::string>();
  parsed.first_token = FirstTokenOf(json);
  return parsed;
}

absl::StatusOr<Parsed> ParseResult(const Json& json, const std::string& path) {
  try {
    if (json.is_object() && json.value("format", "") == "llmdyno-summary") return ParseRace(json);
    if (json.is_array()) return ParseQps(json, path);
    if (json.is_object() && json.contains("metadata") && json.contains("results")) return ParseSweep(json);
    if (json.is_object() && json.contains("request_throughput")) return ParseServing(json);
  } catch (const Json::exception& problem) {
    return Wrong("'" + path + "': " + problem.what());
  }
  return Wrong("'" + path +
               "' is no result that can be compared: expected summary.json of a race, the results of a QPS "
               "benchmark, of a serving benchmark, or of a sweep");
}

// Both say when their first request was sent, the file to the millisecond.
bool IsSameStart(const std::string& started_at, const std::optional<WallTime>& first_send) {
  if (started_at.empty() || !first_send) return false;
  return started_at == IsoUtc(*first_send) ||
         started_at == IsoUtc(*first_send - std::chrono::milliseconds(1)) ||
         started_at == IsoUtc(*first_send + std::chrono::milliseconds(1));
}

void TakeRuns(const Parsed& parsed, ComparedRecords records, ComparedResult& result) {
  const bool is_single = result.kind == ResultKind::kRace || result.kind == ResultKind::kServing;
  int64_t without = 0;
  for (ComparedLevel& level : result.levels) {
    for (auto& [number, from_log] : records.levels) {
      if (from_log.runs.empty()) continue;
      const auto start = parsed.started_at.find(level.key);
      const bool is_this =
          is_single || (start != parsed.started_at.end() && IsSameStart(start->second, from_log.started_at));
      if (!is_this) continue;
      level.runs = std::move(from_log.runs);
      from_log.runs.clear();
      break;
    }
    without += level.runs.empty() ? 1 : 0;
  }
  if (without > 0) {
    result.notes.push_back("'" + result.records + "' has no requests of " + std::to_string(without) +
                           " of its levels: these have the figures of the result file only");
  }
}

absl::Status AddRecords(const Parsed& parsed, ComparedResult& result) {
  result.records = FindFile(result.source, parsed.records);
  if (result.records.empty()) {
    result.notes.push_back("there is no record log beside '" + result.source +
                           "': its requests are not known one by one, only the figures of the result file");
    return absl::OkStatus();
  }
  LLMDYNO_ASSIGN_OR_RETURN(
      ComparedRecords records,
      ReadComparedRecords(result.records, result.kind == ResultKind::kRace, parsed.first_token));
  TakeRuns(parsed, std::move(records), result);
  return absl::OkStatus();
}

// A race's record log without its summary.
absl::StatusOr<ComparedResult> FromRecordLog(const std::string& path) {
  LLMDYNO_ASSIGN_OR_RETURN(ComparedResult result, FromDigest(path));
  LLMDYNO_ASSIGN_OR_RETURN(ComparedRecords records, ReadComparedRecords(path, true, FirstToken::kAnyText));
  result.records = path;
  result.configuration_json = records.configuration_json;
  result.levels.front().is_cut = !records.has_finish_line;
  TakeRuns({}, std::move(records), result);
  return result;
}

}  // namespace

std::string_view ToString(ResultKind kind) {
  switch (kind) {
    case ResultKind::kRace:
      return "race";
    case ResultKind::kQps:
      return "QPS benchmark";
    case ResultKind::kServing:
      return "serving benchmark";
    case ResultKind::kSweep:
      return "sweep";
  }
  return "";
}

absl::StatusOr<ComparedResult> ReadComparedResult(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return absl::NotFoundError("there is no file or folder '" + path + "'");
  std::string file = path;
  if (fs::is_directory(path, error)) {
    LLMDYNO_ASSIGN_OR_RETURN(file, ResultIn(path));
  }
  const fs::path extension = fs::path(file).extension();
  if (extension == ".jsonl") return FromRecordLog(file);
  if (extension != ".json") {
    LLMDYNO_ASSIGN_OR_RETURN(ComparedResult result, FromDigest(file));
    if (fs::path(result.source).extension() == ".json") return ReadComparedResult(result.source);
    if (fs::path(result.source).extension() == ".jsonl") return FromRecordLog(result.source);
    result.notes.push_back("'" + result.source +
                           "' is a CSV: its requests and its configuration are not known");
    return result;
  }
  LLMDYNO_ASSIGN_OR_RETURN(const Json json, ReadJson(file));
  LLMDYNO_ASSIGN_OR_RETURN(Parsed parsed, ParseResult(json, file));
  ComparedResult result = parsed.result;
  result.source = file;
  if (result.label.empty()) {
    // Races and QPS benchmarks have a folder each, sweeps a file.
    const fs::path folder = fs::absolute(file, error).parent_path().filename();
    result.label =
        (result.kind == ResultKind::kQps || folder.empty() ? folder : fs::path(file).stem()).string();
  }
  LLMDYNO_RETURN_IF_ERROR(AddRecords(parsed, result));
  return result;
}

}  // namespace llmdyno
