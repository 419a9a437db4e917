#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "llmdyno/core/record_log.h"

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kFlushInterval = std::chrono::milliseconds(500);
constexpr size_t kFlushBytes = 256 * 1024;

Json InstantOrNull(const std::optional<TimePoint>& at, TimePoint origin) {
  return at ? Json((*at - origin).count()) : Json(nullptr);
}

template <typename T>
Json ValueOrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json DurationOrNull(const std::optional<Duration>& value) { return value ? Json(value->count()) : Json(nullptr); }

Json CountJson(const TokenCount& count) { return {{"tokens", count.tokens}, {"source", ToString(count.source)}}; }

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
  if (std::any_of(arrivals.begin(), arrivals.end(), [](const Arrival& a) { return a.events != 1 || a.tokens != 1; })) {
    AppendList("arrival_events", arrivals, line, [](const Arrival& a) { return int64_t{a.events}; });
    AppendList("arrival_tokens", arrivals, line, [](const Arrival& a) { return int64_t{a.tokens}; });
  }
  if (std::any_of(arrivals.begin(), arrivals.end(), [](const Arrival& a) { return a.upper_bound; })) {
    AppendList("arrival_upper_bound", arrivals, line, [](const Arrival& a) { return int64_t{a.upper_bound}; });
  }
}

absl::Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::DataLossError(std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

class RecordLogSink final : public RecordSink {
 public:
  RecordLogSink(std::string path, int fd, const RecordLogHeader& header)
      : path_(std::move(path)), fd_(fd), origin_(header.monotonic_origin), writer_([this] { WriteLoop(); }) {}
  ~RecordLogSink() override { (void)Close(); }

  void OnRecord(const RequestRecord& record) override {
    line_.clear();
    AppendRecordJson(record, origin_, line_);
    line_ += '\n';
    Enqueue();
  }

  void OnFinishLine(TimePoint line, std::string_view reason) override {
    line_ = Text(Json{{"type", "finish_line"}, {"at_ns", (line - origin_).count()}, {"reason", reason}});
    line_ += '\n';
    Enqueue();
  }

  absl::Status Close() override {
    if (!writer_.joinable()) return status_;
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_one();
    writer_.join();
    if (::close(fd_) != 0 && status_.ok()) status_ = absl::DataLossError(std::strerror(errno));
    if (!status_.ok()) {
      status_ = absl::DataLossError("record log '" + path_ + "' is incomplete: " + std::string(status_.message()));
    }
    return status_;
  }

 private:
  void Enqueue() {
    std::lock_guard lock(mutex_);
    pending_ += line_;
    if (pending_.size() >= kFlushBytes) wake_.notify_one();
  }

  void WriteLoop() {
    std::string batch;
    for (bool closing = false; !closing;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, kFlushInterval, [this] { return closing_ || pending_.size() >= kFlushBytes; });
        closing = closing_;
        batch.swap(pending_);
      }
      if (status_.ok()) status_ = WriteAll(fd_, batch);
      batch.clear();
    }
  }

  const std::string path_;
  const int fd_;
  const TimePoint origin_;
  std::string line_;  // loop thread only
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string pending_;   // guarded by mutex_
  bool closing_ = false;  // guarded by mutex_
  absl::Status status_;   // writer thread until it is joined
  std::thread writer_;
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

absl::StatusOr<std::unique_ptr<RecordSink>> OpenRecordLog(const std::string& path, const RecordLogHeader& header) {
  const Json configuration = Json::parse(header.configuration_json, nullptr, false);
  if (!configuration.is_object()) {
    return absl::InvalidArgumentError("the configuration for the record log '" + path + "' is not a JSON object");
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0644);
  if (fd < 0) {
    return absl::UnavailableError("cannot create the record log '" + path + "': " + std::strerror(errno));
  }
  const Json json = {{"type", "header"},
                     {"format", "llmdyno-records"},
                     {"version", 1},
                     {"monotonic_origin_ns", header.monotonic_origin.time_since_epoch().count()},
                     {"wall_origin_unix_ns", header.wall_origin.time_since_epoch().count()},
                     {"configuration", configuration}};
  if (absl::Status status = WriteAll(fd, Text(json) + "\n"); !status.ok()) {
    ::close(fd);
    return absl::UnavailableError("cannot write the record log '" + path + "': " + std::string(status.message()));
  }
  return std::make_unique<RecordLogSink>(path, fd, header);
}

}  // namespace llmdyno
