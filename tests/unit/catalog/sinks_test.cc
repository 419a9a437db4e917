// The record sinks of the catalog: what they leave behind.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "llmdyno/catalog/catalog.h"
#include "support/catch.h"

using namespace llmdyno;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

// Its own folder for a test, gone behind it.
struct Folder {
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string Read(const std::string& name) const {
    std::ifstream file(path / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  const fs::path path = fs::temp_directory_path() / ("llmdyno-sinks-" + std::to_string(::getpid()));
};

constexpr TimePoint kOrigin = TimePoint(1h);
// 2025-01-31T12:00:00Z
constexpr WallTime kStarted = WallTime(std::chrono::seconds(1'738'324'800));

absl::StatusOr<std::unique_ptr<RecordSink>> Open(const std::string& text, const Folder& folder,
                                                 const std::string& configuration = "{}") {
  const Diagnostics quiet;
  return MakeBuiltInCatalog().sinks.Make(*Params::Parse(text),
                                         {folder.path.string(), kOrigin, kStarted, configuration, quiet});
}

RequestRecord Success(int64_t id, Duration ttft) {
  RequestRecord record;
  record.request_id = id;
  record.started_at = kOrigin + 1s;
  record.first_text_at = record.started_at + ttft;
  record.ended_at = record.started_at + 2s;
  record.input_tokens = {100, TokenCountSource::kUsage};
  record.output_tokens = {20, TokenCountSource::kUsage};
  return record;
}

RequestRecord Failure(int64_t id) {
  RequestRecord record;
  record.request_id = id;
  record.started_at = kOrigin + 1500ms;
  record.ended_at = record.started_at + 250ms;
  record.outcome = {OutcomeClass::kOverload, 503, 7s, "HTTP 503: \"too busy\"\n"};
  return record;
}

bool HasLine(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("The sink of failures keeps those alone, with the time of day", "[catalog]") {
  const Folder folder;
  auto sink = Open("failures", folder);
  REQUIRE(sink.ok());
  (*sink)->OnRecord(Success(1, 50ms));
  (*sink)->OnRecord(Failure(2));
  (*sink)->OnRecord(Success(3, 50ms));
  REQUIRE((*sink)->Close().ok());
  const std::string text = folder.Read("failures.jsonl");
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  const auto json = nlohmann::json::parse(text);
  CHECK(json["request_id"] == 2);
  // The origin is 12:00:00, and the request began 1.5 s behind it.
  CHECK(json["started_at"] == "2025-01-31T12:00:01.500Z");
  CHECK(json["ended_at"] == "2025-01-31T12:00:01.750Z");
  CHECK(json["class"] == "overload");
  CHECK(json["http_status"] == 503);
  CHECK(json["retry_after_s"] == 7.0);
  CHECK(json["message"] == "HTTP 503: \"too busy\"\n");
  CHECK(json["after_s"] == 0.25);
  CHECK(json["first_byte_after_s"].is_null());
}

TEST_CASE("A sink does not write over the file of an earlier run in the same folder", "[catalog]") {
  const Folder folder;
  for (int run = 0; run < 3; ++run) {
    auto sink = Open("failures", folder);
    REQUIRE(sink.ok());
    (*sink)->OnRecord(Failure(run));
    REQUIRE((*sink)->Close().ok());
  }
  CHECK(nlohmann::json::parse(folder.Read("failures.jsonl"))["request_id"] == 0);
  CHECK(nlohmann::json::parse(folder.Read("failures-2.jsonl"))["request_id"] == 1);
  CHECK(nlohmann::json::parse(folder.Read("failures-3.jsonl"))["request_id"] == 2);
}

TEST_CASE("A sink that cannot keep what it was given says so when it is closed", "[catalog]") {
  const Folder folder;
  auto sink = Open("failures:path=/dev/full", folder);
  REQUIRE(sink.ok());
  (*sink)->OnRecord(Failure(1));
  CHECK((*sink)->Close().message().find("/dev/full") != std::string::npos);
}

TEST_CASE("The Prometheus file counts requests by outcome and successes in histograms", "[catalog]") {
  const Folder folder;
  auto sink = Open("prometheus", folder, R"({"model": "a \"b\"", "simulate": "fast"})");
  REQUIRE(sink.ok());
  // It is there from the start, so that a scraper sees the run before its first request has ended.
  CHECK(folder.Read("llmdyno.prom").find("llmdyno_request_seconds_count 0\n") != std::string::npos);
  (*sink)->OnRecord(Success(1, 50ms));
  (*sink)->OnRecord(Success(2, 3s));
  (*sink)->OnRecord(Failure(3));
  RequestRecord warm_up = Success(4, 50ms);
  warm_up.phase = RunPhase::kWarmUp;
  (*sink)->OnRecord(warm_up);
  (*sink)->OnFinishLine(kOrigin + 5s, "target_tokens");
  REQUIRE((*sink)->Close().ok());
  const std::string text = folder.Read("llmdyno.prom");
  CHECK(HasLine(text, R"(llmdyno_run_info{model="a \"b\"",simulated="true"} 1)"));
  CHECK(HasLine(text, R"(llmdyno_requests_total{phase="measured",outcome="ok"} 2)"));
  CHECK(HasLine(text, R"(llmdyno_requests_total{phase="measured",outcome="overload"} 1)"));
  CHECK(HasLine(text, R"(llmdyno_requests_total{phase="warm_up",outcome="ok"} 1)"));
  CHECK(HasLine(text, "llmdyno_output_tokens_total 40"));  // 2 x 20; the warm-up is in no figure
  CHECK(HasLine(text, "llmdyno_finish_lines_total 1"));
  // 50 ms lies below 0.06 s, 3 s below 5 s; counts are cumulative.
  CHECK(HasLine(text, R"(llmdyno_time_to_first_token_seconds_bucket{le="0.04"} 0)"));
  CHECK(HasLine(text, R"(llmdyno_time_to_first_token_seconds_bucket{le="0.06"} 1)"));
  CHECK(HasLine(text, R"(llmdyno_time_to_first_token_seconds_bucket{le="2.5"} 1)"));
  CHECK(HasLine(text, R"(llmdyno_time_to_first_token_seconds_bucket{le="5"} 2)"));
  CHECK(HasLine(text, R"(llmdyno_time_to_first_token_seconds_bucket{le="+Inf"} 2)"));
  CHECK(HasLine(text, "llmdyno_request_seconds_sum 4"));
  CHECK(fs::exists(folder.path / "llmdyno.prom.tmp") == false);
}

TEST_CASE("The settings of sinks are checked", "[catalog]") {
  const Folder folder;
  CHECK(Open("prometheus:interval=1ms", folder).status().message() ==
        "interval: expected 100ms or more, got 1ms");
  CHECK(Open("failures:pat=x", folder).status().message().find("path") != std::string::npos);
  CHECK(Open("failure", folder).status().message() ==
        "unknown record sink 'failure' (did you mean 'failures'?); known are failures, prometheus");
  CHECK_FALSE(Open("prometheus:path=/nowhere/at/all.prom", folder).ok());
}
