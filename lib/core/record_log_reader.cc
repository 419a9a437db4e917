#include <fstream>
#include <nlohmann/json.hpp>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

// The instant `offset` nanoseconds after `at`. A damaged log may hold any number; it must not overflow.
TimePoint After(TimePoint at, int64_t offset) {
  int64_t count = 0;
  if (__builtin_add_overflow(at.time_since_epoch().count(), offset, &count)) {
    return offset > 0 ? TimePoint::max() : TimePoint::min();
  }
  return TimePoint(Duration(count));
}

// Reads the members of one record. A member that is missing or of another type throws nlohmann's exception,
// which ReadRecordLog turns into a Status with the line's number.
class RecordReader {
 public:
  RecordReader(const Json& json, TimePoint origin) : json_(json), origin_(origin) {}

  RequestRecord Read() const {
    RequestRecord record;
    ReadIdentity(record);
    ReadInstants(record);
    ReadCounts(record);
    ReadArrivals(record);
    return record;
  }

 private:
  TimePoint Instant(const char* key) const { return After(origin_, json_.at(key).get<int64_t>()); }
  std::optional<TimePoint> MaybeInstant(const char* key) const {
    const auto count = Maybe<int64_t>(key);
    return count ? std::optional(After(origin_, *count)) : std::nullopt;
  }
  std::optional<Duration> MaybeDuration(const char* key) const {
    const auto count = Maybe<int64_t>(key);
    return count ? std::optional(Duration(*count)) : std::nullopt;
  }
  template <typename T>
  std::optional<T> Maybe(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return std::nullopt;
    return found->get<T>();
  }
  std::string Text(const char* key) const { return json_.at(key).get<std::string>(); }
  TokenCount Count(const char* key) const {
    const Json& count = json_.at(key);
    return {
        count.at("tokens").get<int64_t>(),
        ParseTokenCountSource(count.at("source").get<std::string>()).value_or(TokenCountSource::kEstimated)};
  }

  void ReadIdentity(RequestRecord& record) const {
    record.request_id = json_.at("request_id").get<int64_t>();
    record.user_id = json_.at("user_id").get<int64_t>();
    record.user_request = json_.at("user_request").get<int64_t>();
    record.phase = ParseRunPhase(Text("phase")).value_or(RunPhase::kMeasured);
    record.level = Maybe<int64_t>("level").value_or(0);
    record.run = Maybe<int64_t>("run").value_or(0);
    record.model = Maybe<std::string>("model").value_or("");
    record.attempts = json_.at("attempts").get<int>();
    const Json& outcome = json_.at("outcome");
    const RecordReader inner(outcome, origin_);
    record.outcome.cls = ParseOutcomeClass(inner.Text("class")).value_or(OutcomeClass::kMalformedStream);
    record.outcome.http_status = inner.Maybe<int>("http_status");
    record.outcome.retry_after = inner.MaybeDuration("retry_after_ns");
    record.outcome.message = inner.Text("message");
  }

  void ReadInstants(RequestRecord& record) const {
    record.scheduled_at = Instant("scheduled_ns");
    record.started_at = Instant("started_ns");
    record.connected_at = MaybeInstant("connected_ns");
    record.sent_at = MaybeInstant("sent_ns");
    record.first_byte_at = MaybeInstant("first_byte_ns");
    record.first_event_at = MaybeInstant("first_event_ns");
    record.first_text_at = MaybeInstant("first_text_ns");
    record.first_content_at = MaybeInstant("first_content_ns");
    record.last_content_at = MaybeInstant("last_content_ns");
    record.last_text_at = MaybeInstant("last_text_ns");
    record.last_event_at = MaybeInstant("last_event_ns");
    record.usage_at = MaybeInstant("usage_ns");
    record.done_at = MaybeInstant("done_ns");
    record.ended_at = Instant("ended_ns");
    record.connection_reused = json_.at("connection_reused").get<bool>();
    record.dns_time = MaybeDuration("dns_time_ns");
    record.connect_time = MaybeDuration("connect_time_ns");
    record.tls_time = MaybeDuration("tls_time_ns");
    record.http_version = json_.at("http_version").get<int>();
  }

  void ReadCounts(RequestRecord& record) const {
    record.input_tokens = Count("input_tokens");
    record.output_tokens = Count("output_tokens");
    record.cached_input_tokens = Maybe<int64_t>("cached_input_tokens");
    record.reasoning_tokens = Maybe<int64_t>("reasoning_tokens");
    record.requested_output_tokens = Maybe<int64_t>("requested_output_tokens");
    record.target_input_tokens = Maybe<int64_t>("target_input_tokens");
    record.textless_events = Maybe<int64_t>("textless_events").value_or(0);
    record.items = Maybe<int64_t>("items");
    record.dimension = Maybe<int64_t>("dimension");
    record.images = Maybe<int64_t>("images").value_or(0);
    record.reported_cost = Maybe<double>("reported_cost");
    record.provider = Maybe<std::string>("provider").value_or("");
    record.sent_bytes = json_.at("sent_bytes").get<int64_t>();
    record.received_bytes = json_.at("received_bytes").get<int64_t>();
    record.streamed = json_.at("streamed").get<bool>();
    record.finish_reason = Text("finish_reason");
    record.prompt_text = Maybe<std::string>("prompt_text").value_or("");
    record.output_text = Maybe<std::string>("output_text").value_or("");
  }

  void ReadArrivals(RequestRecord& record) const {
    record.arrival_clock = ParseArrivalClock(Text("arrival_clock")).value_or(ArrivalClock::kWakeUp);
    const Json& gaps = json_.at("arrival_gaps_ns");
    const auto events = json_.find("arrival_events");
    const auto tokens = json_.find("arrival_tokens");
    const auto bounds = json_.find("arrival_upper_bound");
    TimePoint at = origin_;
    for (size_t i = 0; i < gaps.size(); ++i) {
      Arrival arrival;
      arrival.at = at = After(at, gaps.at(i).get<int64_t>());
      if (events != json_.end()) arrival.events = events->at(i).get<uint32_t>();
      if (tokens != json_.end()) arrival.tokens = tokens->at(i).get<uint32_t>();
      if (bounds != json_.end()) arrival.upper_bound = bounds->at(i).get<int>() != 0;
      record.arrivals.Append(arrival);
    }
  }

  const Json& json_;
  TimePoint origin_;
};

absl::Status Broken(const std::string& path, int64_t line, std::string_view problem) {
  return absl::DataLossError("record log '" + path + "', line " + std::to_string(line) + ": " +
                             std::string(problem));
}

absl::StatusOr<RecordLogHeader> ReadHeader(const std::string& path, const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("format") || json["format"] != "llmdyno-records") {
    return Broken(path, 1, "this is not a record log (its first line must be the header)");
  }
  if (!json.contains("version") || json["version"] != 1) {
    return Broken(path, 1, "written by another version of llmdyno; this one reads version 1");
  }
  try {
    RecordLogHeader header;
    header.monotonic_origin = TimePoint(Duration(json.value("monotonic_origin_ns", int64_t{0})));
    header.wall_origin = WallTime(Duration(json.value("wall_origin_unix_ns", int64_t{0})));
    if (json.contains("configuration")) header.configuration_json = json["configuration"].dump();
    return header;
  } catch (const Json::exception& problem) {
    return Broken(path, 1, problem.what());
  }
}

}  // namespace

absl::StatusOr<RecordLogContents> ReadRecordLog(
    const std::string& path, const std::function<void(const RequestRecord&)>& visit,
    const std::function<void(TimePoint, std::string_view)>& on_finish_line) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot open the record log '" + path + "'");
  std::string line;
  RecordLogContents contents;
  if (!std::getline(file, line)) {
    return Broken(path, 1, file.bad() ? "it cannot be read; is it a file?" : "the file is empty");
  }
  LLMDYNO_ASSIGN_OR_RETURN(contents.header, ReadHeader(path, line));
  for (int64_t number = 2; std::getline(file, line); ++number) {
    const bool is_whole = !file.eof();  // a line that was written in full ends in a newline
    try {
      const Json json = Json::parse(line);
      const TimePoint origin = contents.header.monotonic_origin;
      if (json.at("type") == "finish_line") {
        contents.finish_line = After(origin, json.at("at_ns").get<int64_t>());
        contents.stop_reason = json.at("reason").get<std::string>();
        if (on_finish_line) on_finish_line(*contents.finish_line, contents.stop_reason);
      } else {
        visit(RecordReader(json, origin).Read());
        ++contents.records;
      }
    } catch (const Json::exception& problem) {
      if (is_whole) return Broken(path, number, problem.what());
      contents.last_line_cut = true;
    }
  }
  return contents;
}

}  // namespace llmdyno
