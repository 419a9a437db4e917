#include "llmdyno/report/record_log_report.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/run_metrics_builder.h"
#include "llmdyno/report/race_repetitions.h"
#include "report/record_log_checks.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
std::optional<T> Find(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::nullopt;
  try {
    return found->get<T>();
  } catch (const Json::exception&) {
    return std::nullopt;  // of another type than ours: as good as absent
  }
}

std::string FindText(const Json& json, const char* key) { return Find<std::string>(json, key).value_or(""); }

std::string Title(const Json& json) {
  if (const auto requests = Find<int64_t>(json, "num_requests"))
    return "Race to " + WithThousands(*requests) + " requests";
  if (const auto tokens = Find<int64_t>(json, "target_tokens")) {
    return "Race to " + WithThousands(*tokens) + " output tokens";
  }
  return "Race";
}

void TakeNames(const Json& json, RaceReport& report) {
  report.title = Title(json);
  report.engine = FindText(json, "engine");
  report.model = FindText(json, "model");
  report.endpoint = FindText(json, "base_url");
  report.is_simulated = SaysSimulated(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  report.users = Find<int64_t>(json, "users");
  report.seed = Find<uint64_t>(json, "seed");
}

// Feeds a log to a RunMetricsBuilder and keeps an eye on what it feeds.
class LogReplay {
 public:
  // Runs are kept apart where they are repetitions of a race; those of a sweep's levels are not.
  explicit LogReplay(bool keeps_runs_apart) : keeps_runs_apart_(keeps_runs_apart) {}

  absl::StatusOr<RecordLogContents> Read(const std::string& path) {
    LLMDYNO_ASSIGN_OR_RETURN(RecordLogContents contents,
                             ReadRecordLog(
                                 path, [this](const RequestRecord& record) { Visit(record); },
                                 [this](TimePoint line, std::string_view reason) { Cross(line, reason); }));
    if (implausible_.empty()) return contents;
    return absl::DataLossError("record log '" + path + "': " + implausible_ +
                               " has an instant or a count that cannot be; the file is damaged");
  }
  // One for each repetition of the race, in their order; at least one.
  std::vector<const RunMetricsBuilder*> builders() const {
    static const RunMetricsBuilder kNothing;
    std::vector<const RunMetricsBuilder*> builders;
    for (const auto& [run, builder] : builders_) builders.push_back(&builder);
    if (builders.empty()) builders.push_back(&kNothing);
    return builders;
  }

 private:
  void Visit(const RequestRecord& record) {
    if (!reference_) reference_ = record.started_at;
    if (IsPlausible(record, *reference_)) {
      last_run_ = keeps_runs_apart_ ? record.run : 0;
      builders_[last_run_].OnRecord(record);
    } else if (implausible_.empty()) {
      implausible_ = "request " + std::to_string(record.request_id);
    }
  }

  void Cross(TimePoint line, std::string_view reason) {
    if (!reference_) reference_ = line;
    if (IsNear(line, *reference_)) {
      builders_[last_run_].OnFinishLine(line, reason);
    } else if (implausible_.empty()) {
      implausible_ = "the finish line";
    }
  }

  const bool keeps_runs_apart_;
  std::map<int64_t, RunMetricsBuilder> builders_;  // by run
  int64_t last_run_ = 0;                           // of the latest record: the finish line is its
  std::optional<TimePoint> reference_;
  std::string implausible_;  // the first thing that cannot be
};

std::optional<WallTime> WallTimeOf(std::optional<TimePoint> at, const RecordLogHeader& header) {
  constexpr WallTime kYear2200 = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);
  const bool is_known = header.wall_origin > WallTime() && header.wall_origin < kYear2200;
  if (!at || !is_known || !IsNear(*at, header.monotonic_origin)) return std::nullopt;
  return header.wall_origin + (*at - header.monotonic_origin);
}

// By the configuration in the first line; any other problem with the file is told by who reads it all.
bool IsRepeated(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  std::getline(file, line);
  const Json header = Json::parse(line, nullptr, false);
  if (!header.is_object()) return false;
  const auto configuration = header.find("configuration");
  return configuration != header.end() && configuration->is_object() &&
         Find<int64_t>(*configuration, "repeat").value_or(1) > 1;
}

}  // namespace

absl::StatusOr<RaceReport> ReadReportFromRecordLog(const std::string& path) {
  LogReplay replay(IsRepeated(path));
  LLMDYNO_ASSIGN_OR_RETURN(const RecordLogContents contents, replay.Read(path));
  const RecordLogHeader& header = contents.header;
  Json configuration = Json::parse(header.configuration_json, nullptr, false);
  if (!configuration.is_object()) configuration = Json::object();
  // Its levels would be shown as one race, which they are not.
  if (configuration.contains("qps") || configuration.contains("request_rate")) {
    return absl::InvalidArgumentError("'" + path +
                                      "' is the log of a QPS benchmark and not of a race: its levels are in "
                                      "benchmark_qps_results.json beside it, each saved when it ended");
  }
  RaceReport report;
  report.configuration_json = configuration.dump(-1, ' ', false, Json::error_handler_t::replace);
  TakeNames(configuration, report);
  std::vector<RaceRepetition> repetitions;
  for (const RunMetricsBuilder* builder : replay.builders()) {
    RaceRepetition& repetition = repetitions.emplace_back();
    repetition.metrics =
        builder->Build({.users = report.users,
                        .all_users_active_at = std::nullopt,
                        .expects_requested_length = Find<bool>(configuration, "ignore_eos").value_or(false)});
    repetition.health = ClientHealthFromRecords(repetition.metrics);
    repetition.validity = JudgeValidity(repetition.health);
  }
  const bool was_cut = !repetitions.back().metrics.has_finish_line;
  TakeRepetitions(std::move(repetitions), report);
  report.provenance.started_at = WallTimeOf(report.metrics.first_send_at, header);
  const auto price = Find<double>(configuration, "price_per_hour");
  if (price && *price > 0) report.cost = CostOf(MicroUsd::FromUsd(*price), report.metrics);
  report.files.push_back({"records", path});
  if (was_cut) {
    report.notes.emplace_back(
        "the log has no finish line: the run was cut, and requests in flight then are missing");
  }
  if (contents.last_line_cut) report.notes.emplace_back("the last line of the log was cut and is left out");
  return report;
}

}  // namespace llmdyno
