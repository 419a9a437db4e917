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

// Where a string of JSON can be cut, at most at `at`: neither within a character nor within an escape, nor
// between the two escapes of a surrogate pair.
size_t CutWithin(std::string_view raw, size_t at) {
  constexpr size_t kLongestEscape = 12;  // "\\ud83d\\ude00"
  for (;;) {
    while (at > 0 && (static_cast<unsigned char>(raw[at]) & 0xC0U) == 0x80) --at;
    const size_t from = at - std::min(at, kLongestEscape);
    const size_t escape = raw.substr(from, at - from).find('\\');
    if (escape == std::string_view::npos) return at;
    at = from + escape;
  }
}

// Valid JSON with its long strings cut: pictures and long prompts go, and what was asked for stays legible.
std::string Abridged(std::string_view json) {
  constexpr size_t kLongString = 512;
  constexpr size_t kKept = 128;
  std::string short_json;
  while (!json.empty()) {
    const size_t quote = std::min(json.find('"'), json.size());
    short_json.append(json.substr(0, quote));
    json.remove_prefix(quote);
    if (json.empty()) break;
    size_t end = json.find('"', 1);
    while (end != std::string_view::npos) {
      // The quote ends the string when an even number of backslashes stands before it.
      const size_t before = json.find_last_not_of('\\', end - 1);
      if ((end - 1 - before) % 2 == 0) break;
      end = json.find('"', end + 1);
    }
    if (end == std::string_view::npos) end = json.size() - 1;  // cannot be: it is valid
    const std::string_view text = json.substr(1, end - 1);
    if (text.size() <= kLongString) {
      short_json.append(json.substr(0, end + 1));
    } else {
      short_json.append("\"").append(text.substr(0, CutWithin(text, kKept)));
      short_json.append("… (").append(std::to_string(text.size())).append(" bytes)\"");
    }
    json.remove_prefix(end + 1);
  }
  return short_json;
}

// A valid body stays JSON: white space that would end the line becomes blanks. Anything else is kept as a
// string.
void AppendWholeBody(const std::string& body, std::string& line) {
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

void AppendBody(const std::string& body, std::string& line) {
  if (body.size() <= kMaxLoggedBody) return AppendWholeBody(body, line);
  simdjson::dom::parser parser;
  const bool is_json = parser.parse(body.data(), body.size()).error() == simdjson::SUCCESS;
  std::string part = is_json ? Abridged(body) : body;
  if (part.size() > kMaxLoggedBody) part = body.substr(0, kMaxLoggedBody);
  AppendWholeBody(part, line);
  line += ",\"body_truncated\":true";
}

void AppendImages(const std::vector<ImageKind>& images, std::string& line) {
  line += ",\"image_sizes\":[";
  for (const ImageKind& image : images) {
    if (line.back() != '[') line += ',';
    line += image.size ? Quoted(*image.size) : "null";
  }
  line += "],\"image_hashes\":[";
  for (const ImageKind& image : images) {
    if (line.back() != '[') line += ',';
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(image.hash));
    line.append("\"").append(digits).append("\"");
  }
  line += ']';
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
  if (!record.image_kinds.empty()) AppendImages(record.image_kinds, line);
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
