#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_writer.h"
#include "llmdyno/base/background_writer.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/core/record_log.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

// An endpoint may send broken UTF-8; the log stays valid JSON all the same.
std::string Text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// The members of a record's object. A run at tens of thousands of requests a second writes as many of them:
// they go straight into the line instead of through a tree of JSON values.
class RecordWriter : public JsonObjectWriter {
 public:
  RecordWriter(TimePoint origin, std::string& line) : JsonObjectWriter(line), origin_(origin) {}

  void AddInstant(std::string_view key, TimePoint at) { Add(key, (at - origin_).count()); }
  void AddInstant(std::string_view key, const std::optional<TimePoint>& at) {
    at ? AddInstant(key, *at) : AddNull(key);
  }
  void AddDuration(std::string_view key, const std::optional<Duration>& value) {
    value ? Add(key, value->count()) : AddNull(key);
  }
  template <typename T>
  void AddOptional(std::string_view key, const std::optional<T>& value) {
    value ? Add(key, int64_t{*value}) : AddNull(key);
  }
  void AddCount(std::string_view key, const TokenCount& count) {
    JsonObjectWriter object(Key(key));
    object.Add("tokens", count.tokens);
    object.Add("source", ToString(count.source));
    object.Close();
  }
  void AddOutcome(std::string_view key, const Outcome& outcome) {
    RecordWriter object(origin_, Key(key));
    object.Add("class", ToString(outcome.cls));
    object.AddOptional("http_status", outcome.http_status);
    object.AddDuration("retry_after_ns", outcome.retry_after);
    object.Add("message", outcome.message);
    object.Close();
  }

 private:
  const TimePoint origin_;
};

// A list of numbers, one per arrival: the only part of a record that grows with its tokens.
template <typename Number>
void AddList(std::string_view key, const ArrivalLog& arrivals, JsonObjectWriter& json, Number number) {
  std::string& line = json.Key(key);
  line += '[';
  bool first = true;
  for (const Arrival& arrival : arrivals) {
    if (!std::exchange(first, false)) line += ',';
    AppendJsonNumber(number(arrival), line);
  }
  line += ']';
}

void AddArrivals(const ArrivalLog& arrivals, TimePoint origin, JsonObjectWriter& json) {
  TimePoint previous = origin;
  AddList("arrival_gaps_ns", arrivals, json, [&](const Arrival& arrival) {
    const int64_t gap = (arrival.at - previous).count();
    previous = arrival.at;
    return gap;
  });
  if (!arrivals.all_single()) {
    AddList("arrival_events", arrivals, json, [](const Arrival& a) { return int64_t{a.events}; });
    AddList("arrival_tokens", arrivals, json, [](const Arrival& a) { return int64_t{a.tokens}; });
  }
  if (!arrivals.all_exact()) {
    AddList("arrival_upper_bound", arrivals, json, [](const Arrival& a) { return int64_t{a.upper_bound}; });
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

// What most runs have not is left out of their lines.
void AddRarities(const RequestRecord& record, RecordWriter& json) {
  if (record.level != 0) json.Add("level", record.level);
  if (record.run != 0) json.Add("run", record.run);
  if (!record.model.empty()) json.Add("model", record.model);
  if (record.target_input_tokens) json.Add("target_input_tokens", *record.target_input_tokens);
  if (record.textless_events != 0) json.Add("textless_events", record.textless_events);
  if (record.items) json.Add("items", *record.items);
  if (record.dimension) json.Add("dimension", *record.dimension);
  if (record.images != 0) json.Add("images", record.images);
  if (record.reported_cost) json.AddReal("reported_cost", *record.reported_cost);
  if (!record.provider.empty()) json.Add("provider", record.provider);
}

}  // namespace

void AppendRecordJson(const RequestRecord& record, TimePoint origin, std::string& line) {
  RecordWriter json(origin, line);
  json.Add("type", "record");
  json.Add("request_id", record.request_id);
  json.Add("user_id", record.user_id);
  json.Add("user_request", record.user_request);
  json.Add("phase", ToString(record.phase));
  json.Add("attempts", record.attempts);
  json.AddOutcome("outcome", record.outcome);
  json.AddInstant("scheduled_ns", record.scheduled_at);
  json.AddInstant("started_ns", record.started_at);
  json.AddInstant("connected_ns", record.connected_at);
  json.AddInstant("sent_ns", record.sent_at);
  json.AddInstant("first_byte_ns", record.first_byte_at);
  json.AddInstant("first_event_ns", record.first_event_at);
  json.AddInstant("first_text_ns", record.first_text_at);
  json.AddInstant("first_content_ns", record.first_content_at);
  json.AddInstant("last_content_ns", record.last_content_at);
  json.AddInstant("last_text_ns", record.last_text_at);
  json.AddInstant("last_event_ns", record.last_event_at);
  json.AddInstant("usage_ns", record.usage_at);
  json.AddInstant("done_ns", record.done_at);
  json.AddInstant("ended_ns", record.ended_at);
  json.AddBoolean("connection_reused", record.connection_reused);
  json.AddDuration("dns_time_ns", record.dns_time);
  json.AddDuration("connect_time_ns", record.connect_time);
  json.AddDuration("tls_time_ns", record.tls_time);
  json.Add("http_version", record.http_version);
  json.AddCount("input_tokens", record.input_tokens);
  json.AddCount("output_tokens", record.output_tokens);
  json.AddOptional("cached_input_tokens", record.cached_input_tokens);
  json.AddOptional("reasoning_tokens", record.reasoning_tokens);
  json.AddOptional("requested_output_tokens", record.requested_output_tokens);
  json.Add("sent_bytes", record.sent_bytes);
  json.Add("received_bytes", record.received_bytes);
  json.AddBoolean("streamed", record.streamed);
  json.Add("finish_reason", record.finish_reason);
  json.Add("arrival_clock", ToString(record.arrival_clock));
  AddRarities(record, json);
  if (!record.prompt_text.empty()) json.Add("prompt_text", record.prompt_text);
  if (!record.output_text.empty()) json.Add("output_text", record.output_text);
  AddArrivals(record.arrivals, origin, json);
  json.Close();
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
