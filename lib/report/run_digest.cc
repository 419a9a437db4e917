#include "llmdyno/report/run_digest.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/report/race_csv_reader.h"
#include "llmdyno/report/record_log_report.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kSummaryName = "summary.json";
constexpr const char* kRecordsName = "records.jsonl";

template <typename T>
std::optional<T> Maybe(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

// Throws nlohmann's exceptions.
RunDigest DigestOfSummary(const Json& json) {
  RunDigest digest;
  const Json& metrics = json.at("metrics");
  digest.label = Maybe<std::string>(json, "engine").value_or("");
  digest.model = Maybe<std::string>(json, "model").value_or("");
  digest.is_simulated = Maybe<bool>(json, "simulated").value_or(false);
  digest.is_exact = true;
  digest.users = Maybe<int64_t>(json, "users");
  digest.requests = metrics.at("requests").get<int64_t>();
  digest.successful = metrics.at("successful").get<int64_t>();
  digest.output_tokens = metrics.at("output_tokens").get<int64_t>();
  digest.input_tokens = metrics.at("input_tokens").get<int64_t>();
  digest.elapsed_s = Maybe<double>(metrics, "elapsed_s");
  if (json.contains("verdict") && json["verdict"].is_object())
    digest.is_valid = json["verdict"].at("valid").get<bool>();
  return digest;
}

absl::StatusOr<RunDigest> ReadSummary(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot open the summary '" + path + "'");
  try {
    const Json json = Json::parse(file);
    if (!json.is_object() || !json.contains("format") || json["format"] != "llmdyno-summary") {
      return absl::InvalidArgumentError("'" + path +
                                        "' is not a summary of llmdyno (its format is not llmdyno-summary)");
    }
    RunDigest digest = DigestOfSummary(json);
    digest.source = path;
    return digest;
  } catch (const Json::exception& problem) {
    return absl::InvalidArgumentError("summary '" + path + "': " + problem.what());
  }
}

absl::StatusOr<RunDigest> ReadRecords(const std::string& path) {
  LLMDYNO_ASSIGN_OR_RETURN(const RaceReport report, ReadReportFromRecordLog(path));
  RunDigest digest;
  digest.label = report.engine;
  digest.source = path;
  digest.model = report.model;
  digest.is_simulated = report.is_simulated;
  digest.is_exact = true;
  if (report.validity) digest.is_valid = report.validity->valid;
  digest.users = report.users ? report.users : static_cast<int64_t>(report.metrics.users.size());
  digest.requests = report.metrics.requests;
  digest.successful = report.metrics.successful;
  digest.output_tokens = report.metrics.output_tokens;
  digest.input_tokens = report.metrics.input_tokens;
  if (report.metrics.first_send_at) digest.elapsed_s = ToSeconds(report.metrics.elapsed);
  return digest;
}

// The summary beside a CSV, if it is about the same rows.
std::optional<RunDigest> FindSummaryFor(const std::string& csv_path, const RaceCsvTotals& totals) {
  const fs::path beside = fs::path(csv_path).parent_path() / kSummaryName;
  std::error_code error;
  if (!fs::is_regular_file(beside, error)) return std::nullopt;
  const auto digest = ReadSummary(beside.string());
  const bool same =
      digest.ok() && digest->requests == totals.requests && digest->output_tokens == totals.output_tokens;
  return same ? std::optional(*digest) : std::nullopt;
}

// "vllm" for "vllm-20250131-120000-million-tokens.csv", the file's name for others.
std::string LabelOfFile(const std::string& path) {
  std::string name = fs::path(path).stem().string();
  constexpr std::string_view kSuffix = "-YYYYMMDD-HHMMSS-million-tokens";
  if (!name.ends_with("-million-tokens") || name.size() <= kSuffix.size()) return name;
  const std::string tail = name.substr(name.size() - kSuffix.size());
  for (size_t i = 0; i < tail.size(); ++i) {
    const bool wants_digit = kSuffix[i] >= 'A' && kSuffix[i] <= 'Z';
    if (wants_digit ? (tail[i] < '0' || tail[i] > '9') : tail[i] != kSuffix[i]) return name;
  }
  return name.substr(0, name.size() - kSuffix.size());
}

absl::StatusOr<RunDigest> ReadCsv(const std::string& path) {
  LLMDYNO_ASSIGN_OR_RETURN(const RaceCsvTotals totals, ReadRaceCsv(path));
  if (auto exact = FindSummaryFor(path, totals)) {
    if (exact->label.empty()) exact->label = LabelOfFile(path);
    return *exact;
  }
  RunDigest digest;
  digest.label = LabelOfFile(path);
  digest.source = path;
  digest.users = totals.users;
  digest.requests = totals.requests;
  digest.successful = totals.successful;
  digest.output_tokens = totals.output_tokens;
  digest.input_tokens = totals.input_tokens;
  if (totals.span) digest.elapsed_s = ToSeconds(*totals.span);
  return digest;
}

absl::StatusOr<std::string> FindResultIn(const std::string& folder) {
  std::vector<std::string> csvs;
  std::error_code error;
  // Not by a range-for, whose step throws.
  for (fs::directory_iterator entry(folder, error); entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() == ".csv") csvs.push_back(entry->path().string());
  }
  if (fs::is_regular_file(fs::path(folder) / kSummaryName, error))
    return (fs::path(folder) / kSummaryName).string();
  if (csvs.size() == 1) return csvs.front();
  if (csvs.size() > 1) {
    return absl::InvalidArgumentError("'" + folder + "' holds " + std::to_string(csvs.size()) +
                                      " CSV files and no " + kSummaryName + "; name one of them");
  }
  if (fs::is_regular_file(fs::path(folder) / kRecordsName, error))
    return (fs::path(folder) / kRecordsName).string();
  return absl::NotFoundError("'" + folder + "' holds no result: expected " + kSummaryName + ", a CSV or " +
                             kRecordsName);
}

}  // namespace

std::optional<double> RunDigest::OutputTokensPerSecond() const {
  if (!elapsed_s || *elapsed_s <= 0) return std::nullopt;
  return static_cast<double>(output_tokens) / *elapsed_s;
}

std::optional<double> RunDigest::SuccessRatePercent() const {
  if (requests <= 0) return std::nullopt;
  return 100 * static_cast<double>(successful) / static_cast<double>(requests);
}

absl::StatusOr<RunDigest> ReadRunDigest(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return absl::NotFoundError("there is no file or folder '" + path + "'");
  std::string file = path;
  if (fs::is_directory(path, error)) {
    LLMDYNO_ASSIGN_OR_RETURN(file, FindResultIn(path));
  }
  const fs::path extension = fs::path(file).extension();
  absl::StatusOr<RunDigest> digest = extension == ".json"    ? ReadSummary(file)
                                     : extension == ".jsonl" ? ReadRecords(file)
                                                             : ReadCsv(file);
  if (digest.ok() && digest->label.empty()) digest->label = LabelOfFile(file);
  return digest;
}

}  // namespace llmdyno
