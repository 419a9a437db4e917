#include "llmdyno/core/record_log.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"
#include "support/written_files.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

constexpr TimePoint kOrigin{123'456'789'012ns};
const RecordLogHeader kHeader = {.monotonic_origin = kOrigin,
                                 .wall_origin = WallTime(1'700'000'000'123'456'789ns),
                                 .configuration_json = R"({"users":80,"name":"t"})"};

// The files that tests below damage.
FilesOfTest& OfTest() {
  static FilesOfTest files;
  return files;
}

// The path of a file that does not exist yet and is gone when the test ends.
class TemporaryPath {
 public:
  TemporaryPath() {
    std::string folder = (fs::temp_directory_path() / "llmdyno-log-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
  }
  ~TemporaryPath() {
    KeepWrittenFiles(folder_, [](const fs::path& file) { return OfTest().Has(file); });
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  std::string str() const { return (folder_ / "records.jsonl").string(); }
  std::string folder() const { return folder_.string(); }

 private:
  fs::path folder_;
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
  OfTest().Add(path, content);
}

std::string JsonOf(const RequestRecord& record) {
  std::string line;
  AppendRecordJson(record, kOrigin, line);
  return line;
}

// Every field set, to values that differ from the defaults and from one another.
RequestRecord FullRecord() {
  RequestRecord record;
  record.request_id = 17;
  record.user_id = 3;
  record.user_request = 5;
  record.phase = RunPhase::kWarmUp;
  record.level = 4;
  record.run = 6;
  record.model = "m:\"adapter\"";
  record.attempts = 2;
  record.scheduled_at = kOrigin + 1ms;
  record.started_at = kOrigin + 2ms;
  record.connected_at = kOrigin + 3ms;
  record.sent_at = kOrigin + 4ms;
  record.first_byte_at = kOrigin + 5ms;
  record.first_event_at = kOrigin + 6ms;
  record.first_text_at = kOrigin + 7ms;
  record.first_content_at = kOrigin + 8ms;
  record.last_content_at = kOrigin + 8'500us;
  record.last_text_at = kOrigin + 9ms;
  record.last_event_at = kOrigin + 9'100us;
  record.usage_at = kOrigin + 9'200us;
  record.done_at = kOrigin + 9'300us;
  record.ended_at = kOrigin + 10ms;
  record.connection_reused = true;
  record.dns_time = 11us;
  record.connect_time = 12us;
  record.tls_time = 13us;
  record.http_version = 2;
  record.arrivals.Append({.at = kOrigin + 7ms});
  record.arrivals.Append({.at = kOrigin + 8ms, .events = 2, .tokens = 3});
  record.arrivals.Append({.at = kOrigin + 9ms, .upper_bound = true});
  record.arrival_clock = ArrivalClock::kKernel;
  record.input_tokens = {21, TokenCountSource::kTokenizer};
  record.output_tokens = {22, TokenCountSource::kUsage};
  record.cached_input_tokens = 23;
  record.reasoning_tokens = 24;
  record.requested_output_tokens = 25;
  record.target_input_tokens = 28;
  record.textless_events = 32;
  record.items = 29;
  record.dimension = 31;
  record.images = 30;
  record.reported_cost = 0.00031;
  record.provider = "somebody";
  record.sent_bytes = 26;
  record.received_bytes = 27;
  record.streamed = false;
  record.finish_reason = "length";
  record.outcome = {OutcomeClass::kOverload, 503, 1500ms, "try \"later\"\nplease"};
  record.prompt_text = "why — ?";
  record.output_text = "because\t\"so\"\\";
  return record;
}

// One record through a file and back.
RequestRecord RoundTrip(const RequestRecord& record) {
  const TemporaryPath path;
  auto sink = OpenRecordLog(path.str(), kHeader).value();
  sink->OnRecord(record);
  REQUIRE(sink->Close().ok());
  std::vector<RequestRecord> read;
  REQUIRE(ReadRecordLog(path.str(), [&](const RequestRecord& r) { read.push_back(r); }).ok());
  REQUIRE(read.size() == 1);
  return read[0];
}

std::vector<Arrival> ArrivalsOf(const RequestRecord& record) {
  return {record.arrivals.begin(), record.arrivals.end()};
}

TEST_CASE("A record comes back from the log with every field", "[core][record_log]") {
  const RequestRecord in = FullRecord();
  const RequestRecord out = RoundTrip(in);
  CHECK(out.request_id == in.request_id);
  CHECK(out.user_id == in.user_id);
  CHECK(out.user_request == in.user_request);
  CHECK(out.phase == in.phase);
  CHECK(out.level == in.level);
  CHECK(out.run == in.run);
  CHECK(out.model == in.model);
  CHECK(out.target_input_tokens == in.target_input_tokens);
  CHECK(out.textless_events == in.textless_events);
  CHECK(out.items == in.items);
  CHECK(out.dimension == in.dimension);
  CHECK(out.images == in.images);
  CHECK(out.reported_cost == in.reported_cost);
  CHECK(out.provider == in.provider);
  CHECK(out.attempts == in.attempts);
  CHECK(out.scheduled_at == in.scheduled_at);
  CHECK(out.started_at == in.started_at);
  CHECK(out.connected_at == in.connected_at);
  CHECK(out.sent_at == in.sent_at);
  CHECK(out.first_byte_at == in.first_byte_at);
  CHECK(out.first_event_at == in.first_event_at);
  CHECK(out.first_text_at == in.first_text_at);
  CHECK(out.first_content_at == in.first_content_at);
  CHECK(out.last_content_at == in.last_content_at);
  CHECK(out.last_text_at == in.last_text_at);
  CHECK(out.last_event_at == in.last_event_at);
  CHECK(out.usage_at == in.usage_at);
  CHECK(out.done_at == in.done_at);
  CHECK(out.ended_at == in.ended_at);
  CHECK(out.connection_reused == in.connection_reused);
  CHECK(out.dns_time == in.dns_time);
  CHECK(out.connect_time == in.connect_time);
  CHECK(out.tls_time == in.tls_time);
  CHECK(out.http_version == in.http_version);
  CHECK(ArrivalsOf(out) == ArrivalsOf(in));
  CHECK(out.arrival_clock == in.arrival_clock);
  CHECK(out.input_tokens == in.input_tokens);
  CHECK(out.output_tokens == in.output_tokens);
  CHECK(out.cached_input_tokens == in.cached_input_tokens);
  CHECK(out.reasoning_tokens == in.reasoning_tokens);
  CHECK(out.requested_output_tokens == in.requested_output_tokens);
  CHECK(out.sent_bytes == in.sent_bytes);
  CHECK(out.received_bytes == in.received_bytes);
  CHECK(out.streamed == in.streamed);
  CHECK(out.finish_reason == in.finish_reason);
  CHECK(out.outcome.cls == in.outcome.cls);
  CHECK(out.outcome.http_status == in.outcome.http_status);
  CHECK(out.outcome.retry_after == in.outcome.retry_after);
  CHECK(out.outcome.message == in.outcome.message);
  CHECK(out.prompt_text == in.prompt_text);
  CHECK(out.output_text == in.output_text);
  CHECK(JsonOf(out) == JsonOf(in));  // and nothing that this list forgets
}

TEST_CASE("What is absent is null in the log and absent again when read", "[core][record_log]") {
  RequestRecord in;
  in.scheduled_at = in.started_at = in.ended_at = kOrigin;
  const auto json = nlohmann::json::parse(JsonOf(in));
  for (const char* key : {"connected_ns", "sent_ns", "first_byte_ns", "first_event_ns", "first_text_ns",
                          "first_content_ns", "last_content_ns", "last_text_ns", "last_event_ns", "usage_ns",
                          "done_ns", "dns_time_ns", "connect_time_ns", "tls_time_ns", "cached_input_tokens",
                          "reasoning_tokens", "requested_output_tokens"}) {
    CAPTURE(key);
    CHECK(json.at(key).is_null());
  }
  CHECK(json.at("outcome").at("http_status").is_null());
  CHECK(json.at("outcome").at("retry_after_ns").is_null());
  CHECK_FALSE(json.contains("prompt_text"));
  CHECK_FALSE(json.contains("output_text"));
  // What most runs have not takes no room in their lines.
  for (const char* key : {"level", "run", "model", "target_input_tokens", "textless_events", "items",
                          "dimension", "images", "reported_cost", "provider"}) {
    CAPTURE(key);
    CHECK_FALSE(json.contains(key));
  }
  const RequestRecord out = RoundTrip(in);
  CHECK_FALSE(out.connected_at);
  CHECK_FALSE(out.first_text_at);
  CHECK_FALSE(out.tls_time);
  CHECK_FALSE(out.cached_input_tokens);
  CHECK_FALSE(out.outcome.http_status);
  CHECK(JsonOf(out) == JsonOf(in));
}

TEST_CASE("Any arrivals come back from the log, whatever their weights add up to", "[core][record_log]") {
  Rng rng(1);
  for (int round = 0; round < 30; ++round) {
    RequestRecord in;
    in.scheduled_at = in.started_at = in.ended_at = kOrigin;
    TimePoint at = kOrigin;
    for (int64_t i = rng.UniformInt(0, 50); i > 0; --i) {
      at += Duration(rng.UniformInt(0, 50'000'000));
      in.arrivals.Append({.at = at,
                          .events = static_cast<uint32_t>(rng.UniformInt(0, 2)),
                          .tokens = static_cast<uint32_t>(rng.UniformInt(0, 2)),
                          .upper_bound = rng.Chance(0.3)});
    }
    REQUIRE(ArrivalsOf(RoundTrip(in)) == ArrivalsOf(in));
  }
  // Weights of 2 and 0 have the sum and the number of two ones, and are something else.
  RequestRecord in;
  in.scheduled_at = in.started_at = in.ended_at = kOrigin;
  in.arrivals.Append({.at = kOrigin + 1ms, .tokens = 2});
  in.arrivals.Append({.at = kOrigin + 2ms, .tokens = 0});
  CHECK(ArrivalsOf(RoundTrip(in)) == ArrivalsOf(in));
}

TEST_CASE("Broken UTF-8 from an endpoint leaves a log that can be read", "[core][record_log]") {
  RequestRecord in = FullRecord();
  in.output_text = "good \xff\xfe bad \xc3";
  in.outcome.message = "\x80";
  const RequestRecord out = RoundTrip(in);
  CHECK(out.output_text == "good \xef\xbf\xbd\xef\xbf\xbd bad \xef\xbf\xbd");
  CHECK(out.outcome.message == "\xef\xbf\xbd");
}

TEST_CASE("A log begins with its header and keeps the finish line", "[core][record_log]") {
  const TemporaryPath path;
  auto sink = OpenRecordLog(path.str(), kHeader).value();
  sink->OnRecord(FullRecord());
  sink->OnFinishLine(kOrigin + 9s, "target_tokens");
  sink->OnRecord(FullRecord());
  REQUIRE(sink->Close().ok());
  int64_t visited = 0;
  const auto contents = ReadRecordLog(path.str(), [&](const RequestRecord&) { ++visited; }).value();
  CHECK(visited == 2);
  CHECK(contents.records == 2);
  CHECK(contents.header.monotonic_origin == kOrigin);
  CHECK(contents.header.wall_origin == kHeader.wall_origin);
  CHECK(contents.header.configuration_json == kHeader.configuration_json);
  CHECK(contents.finish_line == kOrigin + 9s);
  CHECK(contents.stop_reason == "target_tokens");
  CHECK_FALSE(contents.last_line_cut);
}

TEST_CASE("A log that was cut at any byte of its last line gives all lines before it", "[core][record_log]") {
  const TemporaryPath path;
  auto sink = OpenRecordLog(path.str(), kHeader).value();
  for (int i = 0; i < 3; ++i) sink->OnRecord(FullRecord());
  REQUIRE(sink->Close().ok());
  const std::string whole = ReadFile(path.str());
  const size_t last_line = whole.rfind('\n', whole.size() - 2) + 1;
  for (size_t size = last_line; size <= whole.size(); ++size) {
    CAPTURE(size - last_line);
    WriteFile(path.str(), std::string_view(whole).substr(0, size));
    const auto contents = ReadRecordLog(path.str(), [](const RequestRecord&) {});
    REQUIRE(contents.ok());
    const bool whole_line = size >= whole.size() - 1;  // all but perhaps the newline
    CHECK(contents->records == (whole_line ? 3 : 2));
    CHECK(contents->last_line_cut == (!whole_line && size > last_line));
    CHECK_FALSE(contents->finish_line);
  }
}

TEST_CASE("A broken line in the middle of a log is an error that names its number", "[core][record_log]") {
  const TemporaryPath path;
  auto sink = OpenRecordLog(path.str(), kHeader).value();
  for (int i = 0; i < 3; ++i) sink->OnRecord(FullRecord());
  REQUIRE(sink->Close().ok());
  std::vector<std::string> lines;
  std::istringstream in(ReadFile(path.str()));
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  REQUIRE(lines.size() == 4);
  for (const std::string& broken :
       {std::string("{\"type\":\"rec"), std::string(), std::string("{}"),
        std::string("{\"type\":\"record\"}"), std::string("[1]"),
        std::string("{\"type\":\"finish_line\",\"at_ns\":\"soon\",\"reason\":\"\"}")}) {
    CAPTURE(broken);
    WriteFile(path.str(), lines[0] + "\n" + lines[1] + "\n" + broken + "\n" + lines[3] + "\n");
    const auto contents = ReadRecordLog(path.str(), [](const RequestRecord&) {});
    CHECK(contents.status().code() == absl::StatusCode::kDataLoss);
    CHECK_THAT(std::string(contents.status().message()),
               Contains("record log '" + path.str() + "', line 3: "));
  }
}

TEST_CASE("Numbers that no clock gives are read without harm", "[core][record_log]") {
  const TemporaryPath path;
  auto sink = OpenRecordLog(path.str(), kHeader).value();
  REQUIRE(sink->Close().ok());
  std::string line = JsonOf(FullRecord());
  const auto set = [&line](std::string_view key, const std::string& value) {
    const size_t at = line.find(key) + key.size();
    line.replace(at, line.find_first_of(",}]", at) - at, value);
  };
  set("\"ended_ns\":", "9223372036854775807");
  set("\"scheduled_ns\":", "-9223372036854775808");
  set("\"arrival_gaps_ns\":[", "9223372036854775807");
  WriteFile(path.str(), ReadFile(path.str()) + line + "\n");
  RequestRecord read;
  REQUIRE(ReadRecordLog(path.str(), [&](const RequestRecord& record) { read = record; }).ok());
  CHECK(read.ended_at == TimePoint::max());
  CHECK(read.arrivals.size() == 3);
}

TEST_CASE("A file that is not a record log is refused in its first line", "[core][record_log]") {
  const TemporaryPath path;
  const auto problem = [&](std::string_view content) {
    WriteFile(path.str(), content);
    return std::string(ReadRecordLog(path.str(), [](const RequestRecord&) {}).status().message());
  };
  CHECK_THAT(problem(""), Contains("line 1: the file is empty"));
  CHECK_THAT(problem("\n"), Contains("line 1: this is not a record log"));
  CHECK_THAT(problem("hello\n"), Contains("line 1: this is not a record log"));
  CHECK_THAT(problem("{\"format\":3}\n"), Contains("line 1: this is not a record log"));
  CHECK_THAT(problem("[]\n"), Contains("line 1: this is not a record log"));
  CHECK_THAT(problem("{\"format\":\"llmdyno-records\",\"version\":2}\n"),
             Contains("this one reads version 1"));
  CHECK_THAT(problem("{\"format\":\"llmdyno-records\",\"version\":\"1\"}\n"),
             Contains("this one reads version 1"));
  CHECK_THAT(problem("{\"format\":\"llmdyno-records\"}\n"), Contains("this one reads version 1"));
  CHECK_THAT(problem("{\"format\":\"llmdyno-records\",\"version\":1,\"monotonic_origin_ns\":\"x\"}\n"),
             Contains("line 1: "));
  CHECK(ReadRecordLog(path.folder() + "/none", [](const RequestRecord&) {}).status().message() ==
        "cannot open the record log '" + path.folder() + "/none'");
  CHECK_FALSE(ReadRecordLog(path.folder(), [](const RequestRecord&) {}).ok());
}

TEST_CASE("A path that cannot be written is an error that names it and says why", "[core][record_log]") {
  const TemporaryPath path;
  const auto problem = [](const std::string& where) {
    return std::string(OpenRecordLog(where, kHeader).status().message());
  };
  CHECK(problem(path.folder() + "/none/records.jsonl") ==
        "cannot create the record log '" + path.folder() + "/none/records.jsonl': No such file or directory");
  CHECK(problem(path.folder()) == "cannot create the record log '" + path.folder() + "': Is a directory");
  CHECK(problem("/dev/full") == "cannot write the record log '/dev/full': No space left on device");
}

TEST_CASE("A configuration that is not a JSON object is refused before anything is written",
          "[core][record_log]") {
  const TemporaryPath path;
  for (const char* configuration : {"", "{", "[]", "7", "{\"a\":\"\xff\"}"}) {
    RecordLogHeader header = kHeader;
    header.configuration_json = configuration;
    CHECK(OpenRecordLog(path.str(), header).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK_FALSE(fs::exists(path.str()));
  }
}

TEST_CASE("An old log at the same path is replaced", "[core][record_log]") {
  const TemporaryPath path;
  WriteFile(path.str(), "old old old\n");
  REQUIRE(OpenRecordLog(path.str(), kHeader).value()->Close().ok());
  CHECK(ReadRecordLog(path.str(), [](const RequestRecord&) {})->records == 0);
}

TEST_CASE("Records reach the file without Close, so that a killed run keeps them", "[core][record_log]") {
  const TemporaryPath path;
  auto sink = OpenRecordLog(path.str(), kHeader).value();
  sink->OnRecord(FullRecord());
  sink->OnFinishLine(kOrigin, "interrupted");
  // Promised within a second; a busy machine may take longer, but not this long.
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  absl::StatusOr<RecordLogContents> contents = absl::UnknownError("not read yet");
  do {
    std::this_thread::yield();
    contents = ReadRecordLog(path.str(), [](const RequestRecord&) {});
    REQUIRE(contents.ok());
  } while (!contents->finish_line && std::chrono::steady_clock::now() < deadline);
  CHECK(contents->records == 1);
  CHECK(contents->stop_reason == "interrupted");
}

TEST_CASE("A log of many records is whole and in order", "[core][record_log]") {
  const TemporaryPath path;
  auto sink = OpenRecordLog(path.str(), kHeader).value();
  RequestRecord record = FullRecord();
  for (record.request_id = 0; record.request_id < 5000; ++record.request_id) sink->OnRecord(record);
  REQUIRE(sink->Close().ok());
  int64_t expected = 0;
  const auto contents =
      ReadRecordLog(path.str(), [&](const RequestRecord& read) { REQUIRE(read.request_id == expected++); });
  CHECK(contents.value().records == 5000);
}

TEST_CASE("Close may be called twice and says the same, and destruction closes, too", "[core][record_log]") {
  const TemporaryPath path;
  {
    auto sink = OpenRecordLog(path.str(), kHeader).value();
    sink->OnRecord(FullRecord());
    CHECK(sink->Close().ok());
    CHECK(sink->Close().ok());
  }
  {
    auto sink = OpenRecordLog(path.str(), kHeader).value();
    sink->OnRecord(FullRecord());
  }
  CHECK(ReadRecordLog(path.str(), [](const RequestRecord&) {})->records == 1);
}

// Lets no file of this process grow beyond `bytes`, as a full disk would.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_CASE("Close reports a disk that became full, and what fitted can be read", "[core][record_log]") {
  const TemporaryPath path;
  absl::Status closed;
  {
    const FileSizeLimit limit(10'000);
    auto sink = OpenRecordLog(path.str(), kHeader).value();
    for (int i = 0; i < 100; ++i) sink->OnRecord(FullRecord());
    closed = sink->Close();
    CHECK(sink->Close() == closed);
  }
  CHECK(closed.code() == absl::StatusCode::kDataLoss);
  CHECK(closed.message() == "record log '" + path.str() + "' is incomplete: File too large");
  const auto contents = ReadRecordLog(path.str(), [](const RequestRecord&) {});
  REQUIRE(contents.ok());
  CHECK(contents->records > 0);
  CHECK(contents->records < 100);
  CHECK(contents->last_line_cut);
}

}  // namespace
}  // namespace llmdyno
