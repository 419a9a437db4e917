#include "llmdyno/report/record_log_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/run_metrics_builder.h"

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

// `simulate` is the profile's name, true or false.
bool IsSimulated(const Json& json) {
  return Find<bool>(json, "simulated").value_or(false) || Find<bool>(json, "simulate").value_or(false) ||
         !FindText(json, "simulate").empty();
}

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
  report.is_simulated = IsSimulated(json);
  report.users = Find<int64_t>(json, "users");
  report.seed = Find<uint64_t>(json, "seed");
}

// A damaged log may hold any number. Sums and differences are safe for everything within ten years of the
// first request and 10^12 tokens, and nothing honest is beyond.
constexpr Duration kTenYears = std::chrono::hours(24 * 3653);

bool IsNear(TimePoint at, TimePoint reference) {
  const TimePoint middle = std::clamp(reference, TimePoint::min() + kTenYears, TimePoint::max() - kTenYears);
  return at >= middle - kTenYears && at <= middle + kTenYears;
}

bool IsPlausible(const RequestRecord& record, TimePoint reference) {
  const auto near = [&](std::optional<TimePoint> at) { return !at || IsNear(*at, reference); };
  const auto sane = [](int64_t count) { return count >= 0 && count <= 1'000'000'000'000; };
  const ArrivalLog& arrivals = record.arrivals;
  return (arrivals.empty() || (near(arrivals.first_at()) && near(arrivals.last_at()))) &&
         near(record.scheduled_at) && near(record.started_at) && near(record.first_event_at) &&
         near(record.first_text_at) && near(record.first_content_at) && near(record.last_text_at) &&
         near(record.ended_at) && sane(record.output_tokens.tokens) && sane(record.input_tokens.tokens);
}

// Feeds a log to a RunMetricsBuilder and keeps an eye on what it feeds.
class LogReplay {
 public:
  absl::StatusOr<RecordLogContents> Read(const std::string& path) {
    LLMDYNO_ASSIGN_OR_RETURN(RecordLogContents contents,
                             ReadRecordLog(
                                 path, [this](const RequestRecord& record) { Visit(record); },
                                 [this](TimePoint line, std::string_view reason) { Cross(line, reason); }));
    if (implausible_.empty()) return contents;
    return absl::DataLossError("record log '" + path + "': " + implausible_ +
                               " has an instant or a count that cannot be; the file is damaged");
  }
  const RunMetricsBuilder& builder() const { return builder_; }

 private:
  void Visit(const RequestRecord& record) {
    if (!reference_) reference_ = record.started_at;
    if (IsPlausible(record, *reference_)) {
      builder_.OnRecord(record);
    } else if (implausible_.empty()) {
      implausible_ = "request " + std::to_string(record.request_id);
    }
  }

  void Cross(TimePoint line, std::string_view reason) {
    if (!reference_) reference_ = line;
    if (IsNear(line, *reference_)) {
      builder_.OnFinishLine(line, reason);
    } else if (implausible_.empty()) {
      implausible_ = "the finish line";
    }
  }

  RunMetricsBuilder builder_;
  std::optional<TimePoint> reference_;
  std::string implausible_;  // the first thing that cannot be
};

std::optional<WallTime> WallTimeOf(std::optional<TimePoint> at, const RecordLogHeader& header) {
  constexpr WallTime kYear2200 = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);
  const bool is_known = header.wall_origin > WallTime() && header.wall_origin < kYear2200;
  if (!at || !is_known || !IsNear(*at, header.monotonic_origin)) return std::nullopt;
  return header.wall_origin + (*at - header.monotonic_origin);
}

}  // namespace

absl::StatusOr<RaceReport> ReadReportFromRecordLog(const std::string& path) {
  LogReplay replay;
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
  report.metrics = replay.builder().Build(
      {.users = report.users,
       .all_users_active_at = std::nullopt,
       .expects_requested_length = Find<bool>(configuration, "ignore_eos").value_or(false)});
  report.provenance.started_at = WallTimeOf(report.metrics.first_send_at, header);
  report.health = ClientHealthFromRecords(report.metrics);
  report.validity = JudgeValidity(report.health);
  const auto price = Find<double>(configuration, "price_per_hour");
  if (price && *price > 0) report.cost = CostOf(MicroUsd::FromUsd(*price), report.metrics);
  report.files.push_back({"records", path});
  if (!contents.finish_line) {
    report.notes.emplace_back(
        "the log has no finish line: the run was cut, and requests in flight then are missing");
  }
  if (contents.last_line_cut) report.notes.emplace_back("the last line of the log was cut and is left out");
  return report;
}

}  // namespace llmdyno
