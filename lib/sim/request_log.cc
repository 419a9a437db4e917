#include "request_log.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "simdjson.h"

namespace llmdyno {
namespace {

constexpr std::chrono::milliseconds kFlushInterval{200};

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A valid body stays JSON: white space that would end the line becomes blanks. Anything else is kept as a
// string.
void AppendBody(const std::string& body, std::string& line) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (body.empty()) {
    line += "null";
  } else if (parser.parse(body.data(), body.size()).get(root) == simdjson::SUCCESS) {
    const size_t begin = line.size();
    line += body;
    // Inside a JSON string these two must be escaped, so a raw one is white space between tokens.
    std::replace_if(
        line.begin() + static_cast<std::ptrdiff_t>(begin), line.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
  } else {
    line += Quoted(body);
  }
}

void AppendNumbers(const std::vector<int64_t>& numbers, std::string& line) {
  line += '[';
  char digits[24];
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) line += ',';
    line.append(digits, std::to_chars(digits, digits + sizeof digits, numbers[i]).ptr);
  }
  line += ']';
}

std::string NumberOrNull(int64_t number) { return number == 0 ? "null" : std::to_string(number); }

}  // namespace

std::string ToJson(const RequestLogRecord& record) {
  std::string line = "{\"id\":" + Quoted(record.id) + ",\"x_request_id\":" + Quoted(record.x_request_id);
  line += ",\"arrival_ns\":" + std::to_string(record.arrival_ns);
  line += ",\"arrival_wall_ns\":" + std::to_string(record.arrival_wall_ns);
  line += ",\"method\":" + Quoted(record.method) + ",\"route\":" + Quoted(record.route) + ",\"headers\":{";
  for (const auto& [name, value] : record.headers) {
    if (line.back() != '{') line += ',';
    line += Quoted(name) + ":" + Quoted(value);
  }
  line += "},\"stream\":" + std::string(record.is_streaming ? "true" : "false");
  line += ",\"prompt_tokens\":" + std::to_string(record.prompt_tokens);
  line += ",\"images\":" + std::to_string(record.images);
  line += ",\"fault\":" + (record.faults.empty() ? "null" : Quoted(record.faults));
  line += ",\"status\":" + NumberOrNull(record.status) + ",\"end\":" + Quoted(record.end);
  line += ",\"first_byte_ns\":" + NumberOrNull(record.first_byte_ns) +
          ",\"end_ns\":" + std::to_string(record.end_ns);
  line += ",\"tokens\":" + std::to_string(record.tokens) + ",\"token_sent_ns\":";
  AppendNumbers(record.token_sent_ns, line);
  line += ",\"body\":";
  AppendBody(record.body, line);
  line += '}';
  return line;
}

absl::StatusOr<std::unique_ptr<RequestLog>> RequestLog::Open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) {
    return absl::InvalidArgumentError("log file '" + path + "' cannot be written: " + std::strerror(errno));
  }
  return std::unique_ptr<RequestLog>(new RequestLog(file));
}

RequestLog::RequestLog(std::FILE* file) : file_(file), thread_([this] { Run(); }) {}

RequestLog::~RequestLog() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_requested_.notify_one();
  thread_.join();
  std::fclose(file_);
}

void RequestLog::Write(RequestLogRecord record) {
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(record));
}

void RequestLog::Run() {
  std::vector<RequestLogRecord> records;
  bool is_last_round = false;
  while (!is_last_round) {
    {
      std::unique_lock lock(mutex_);
      stop_requested_.wait_for(lock, kFlushInterval, [this] { return is_stopping_; });
      is_last_round = is_stopping_;
      records.swap(queue_);
    }
    for (const RequestLogRecord& record : records) {
      const std::string line = ToJson(record) + "\n";
      std::fwrite(line.data(), 1, line.size(), file_);
    }
    if (!records.empty()) std::fflush(file_);
    records.clear();
  }
}

}  // namespace llmdyno
