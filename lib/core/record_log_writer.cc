#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "llmdyno/base/background_writer.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

Json InstantOrNull(const std::optional<TimePoint>& at, TimePoint origin) {
  return at ? Json((*at - origin).count()) : Json(nullptr);
}

template <typename T>
Json ValueOrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json DurationOrNull(const std::optional<Duration>& value) {
  return value ? Json(value->count()) : Json(nullptr);
}

Json CountJson(const TokenCount& count) {
  return {{"tokens", count.tokens}, {"source", ToString(count.source)}};
}

Json OutcomeJson(const Outcome& outcome) {
  return {{"class", ToString(outcome.cls)},
          {"http_status", ValueOrNull(outcome.http_status)},
          {"retry_after_ns", DurationOrNull(outcome.retry_after)},
          {"message", outcome.message}};
}

// An endpoint may send broken UTF-8; the log stays valid JSON all the same.
std::string Text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void AppendNumber(int64_t value, std::string& line) {
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  line.append(digits, result.ptr);
}

// A list of numbers, one per arrival. These are the only part of a record that grows with its tokens, so they
// are appended directly instead of through a tree of JSON values.
template <typename Number>
void AppendList(std::string_view key, const ArrivalLog& arrivals, std::string& line, Number number) {
  line += ",\"";
  line += key;
  line += "\":[";
  bool first = true;
  for (const Arrival& arrival : arrivals) {
    if (!first) line += ',';
    first = false;
    AppendNumber(number(arrival), line);
  }
  line += ']';
}

void AppendArrivals(const ArrivalLog& arrivals, TimePoint origin, std::string& line) {
  TimePoint previous = origin;
  AppendList("arrival_gaps_ns", arrivals, line, [&](const Arrival& arrival) {
    const int64_t gap = (arrival.at - previous).count();
    previous = arrival.at;
    return gap;
  });
  // Looked at one by one: weights of 0 and 2 have the same sum as two of 1.
  if (std::any_of(arrivals.begin(), arrivals.end(),
                  [](const Arrival& a) { return a.events != 1 || a.tokens != 1; })) {
    AppendList("arrival_events", arrivals, line, [](const Arrival& a) { return int64_t{a.events}; });
    AppendList("arrival_tokens", arrivals, line, [](const Arrival& a) { return int64_t{a.tokens}; });
  }
  if (std::any_of(arrivals.begin(), arrivals.end(), [](const Arrival& a) { return a.upper_bound; })) {
    AppendList("arrival_upper_bound", arrivals, line,
               [](const Arrival& a) { return int64_t{a.upper_bound}; });
  }
}

class RecordLogSink final : public RecordSink {
 public:
  RecordLogSink(std::unique_ptr<BackgroundWriter> writer, TimePoint origin)
      : writer_(std::move(writer)), origin_(origin) {}

  void OnRecord(const RequestRecord& record) override {
    line_.clear();
    AppendRecordJson(record, origin_, line_);
    line_ += '\n';
    writer_->Append(line_);
  }

  void OnFinishLine(TimePoint line, std::string_view reason) override {
    line_ = Text(Json{{"type", "finish_line"}, {"at_ns", (line - origin_).count()}, {"reason", reason}});
    line_ += '\n';
    writer_->Append(line_);
  }

  absl::Status Close() override { return writer_->Close(); }

 private:
  const std::unique_ptr<BackgroundWriter> writer_;
  const TimePoint origin_;
  std::string line_;  // keeps its memory from record to record
};

}  // namespace

void AppendRecordJson(const RequestRecord& record, TimePoint origin, std::string& line) {
  Json json = {
      {"type", "record"},
      {"request_id", record.request_id},
      {"user_id", record.user_id},
      {"user_request", record.user_request},
      {"phase", ToString(record.phase)},
      {"attempts", record.attempts},
      {"outcome", OutcomeJson(record.outcome)},
      {"scheduled_ns", (record.scheduled_at - origin).count()},
      {"started_ns", (record.started_at - origin).count()},
      {"connected_ns", InstantOrNull(record.connected_at, origin)},
      {"sent_ns", InstantOrNull(record.sent_at, origin)},
      {"first_byte_ns", InstantOrNull(record.first_byte_at, origin)},
      {"first_event_ns", InstantOrNull(record.first_event_at, origin)},
      {"first_text_ns", InstantOrNull(record.first_text_at, origin)},
      {"first_content_ns", InstantOrNull(record.first_content_at, origin)},
      {"last_text_ns", InstantOrNull(record.last_text_at, origin)},
      {"ended_ns", (record.ended_at - origin).count()},
      {"connection_reused", record.connection_reused},
      {"dns_time_ns", DurationOrNull(record.dns_time)},
      {"connect_time_ns", DurationOrNull(record.connect_time)},
      {"tls_time_ns", DurationOrNull(record.tls_time)},
      {"http_version", record.http_version},
      {"input_tokens", CountJson(record.input_tokens)},
      {"output_tokens", CountJson(record.output_tokens)},
      {"cached_input_tokens", ValueOrNull(record.cached_input_tokens)},
      {"reasoning_tokens", ValueOrNull(record.reasoning_tokens)},
      {"requested_output_tokens", ValueOrNull(record.requested_output_tokens)},
      {"sent_bytes", record.sent_bytes},
      {"received_bytes", record.received_bytes},
      {"streamed", record.streamed},
      {"finish_reason", record.finish_reason},
      {"arrival_clock", ToString(record.arrival_clock)},
  };
  if (!record.prompt_text.empty()) json["prompt_text"] = record.prompt_text;
  if (!record.output_text.empty()) json["output_text"] = record.output_text;
  line += Text(json);
  line.pop_back();
  AppendArrivals(record.arrivals, origin, line);
  line += '}';
}

absl::StatusOr<std::unique_ptr<RecordSink>> OpenRecordLog(const std::string& path,
                                                          const RecordLogHeader& header) {
  const Json configuration = Json::parse(header.configuration_json, nullptr, false);
  if (!configuration.is_object()) {
    return absl::InvalidArgumentError("the configuration for the record log '" + path +
                                      "' is not a JSON object");
  }
  const Json json = {{"type", "header"},
                     {"format", "llmdyno-records"},
                     {"version", 1},
                     {"monotonic_origin_ns", header.monotonic_origin.time_since_epoch().count()},
                     {"wall_origin_unix_ns", header.wall_origin.time_since_epoch().count()},
                     {"configuration", configuration}};
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<BackgroundWriter> writer,
                           BackgroundWriter::Open(path, "record log", Text(json) + "\n"));
  return std::make_unique<RecordLogSink>(std::move(writer), header.monotonic_origin);
}

}  // namespace llmdyno
