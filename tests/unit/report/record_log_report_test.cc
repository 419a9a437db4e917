#include "llmdyno/report/record_log_report.h"

#include <filesystem>

#include "llmdyno/core/record_log.h"
#include "llmdyno/report/race_table.h"
#include "made_report.h"
#include "support/catch.h"
#include "temporary_folder.h"

using namespace llmdyno;

namespace {

constexpr const char* kConfiguration =
    R"({"engine":"vllm","model":"some/model","users":2,"seed":42,"target_tokens":150,"simulate":"fast","price_per_hour":1.47})";

// Writes the race of MadeMetrics to a log, to its end or only up to the line.
std::string WriteLog(const TemporaryFolder& folder, bool to_the_end) {
  const std::string path = folder.File("records.jsonl");
  auto log = OpenRecordLog(path, {.monotonic_origin = kStart,
                                  .wall_origin = WallTime(1738324800s),
                                  .configuration_json = kConfiguration});
  REQUIRE(log.ok());
  for (int i = 0; i < 5; ++i) (*log)->OnRecord(MakeSteady(i * 2s, 20, 100ms, 0));
  for (int i = 0; i < 2; ++i) (*log)->OnRecord(MakeSteady(1s + i * 2s, 20, 100ms, 1));
  (*log)->OnRecord(Make(
      {.sent = 5s, .ended = 5100ms, .user_id = 1, .outcome = Failed(OutcomeClass::kOverload, 503, "busy")}));
  if (to_the_end) {
    (*log)->OnFinishLine(kStart + 10s, "target_tokens");
    (*log)->OnRecord(MakeSteady(8500ms, 20, 100ms, 1));
  }
  REQUIRE((*log)->Close().ok());
  return path;
}

}  // namespace

TEST_CASE("The report from a log has the numbers of the run itself", "[report][record_log]") {
  TemporaryFolder folder;
  const auto report = ReadReportFromRecordLog(WriteLog(folder, true));
  REQUIRE(report.ok());
  const RunMetrics live = MadeMetrics();
  CHECK(report->metrics.output_tokens == live.output_tokens);
  CHECK(report->metrics.input_tokens == live.input_tokens);
  CHECK(report->metrics.elapsed == live.elapsed);
  CHECK(report->metrics.peak_output_tokens_per_second == live.peak_output_tokens_per_second);
  CHECK(report->metrics.ttft.Mean() == live.ttft.Mean());
  CHECK(report->metrics.itl.n() == live.itl.n());
  CHECK(report->metrics.drain.in_flight == live.drain.in_flight);
  CHECK(report->metrics.ramp_up->duration == live.ramp_up->duration);
  CHECK(report->metrics.stop_reason == "target_tokens");
  CHECK(report->title == "Race to 150 output tokens");
  CHECK(report->engine == "vllm");
  CHECK(report->seed == 42U);
  CHECK(report->is_simulated);
  CHECK(report->cost.has_value());
  CHECK(report->provenance.started_at == WallTime(1738324800s));
  CHECK(report->notes.empty());
  CHECK(report->validity->unknown.size() == 3);  // read lag, CPU share, run queue are in no record
}

TEST_CASE("The log of a killed run can be shown and says that it was cut", "[report][record_log]") {
  TemporaryFolder folder;
  const std::string path = WriteLog(folder, false);
  // Killed in mid-line.
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 40);
  const auto report = ReadReportFromRecordLog(path);
  REQUIRE(report.ok());
  CHECK(report->metrics.requests == 7);
  CHECK(report->metrics.output_tokens == 140);
  CHECK(report->metrics.elapsed == 10s);
  CHECK_FALSE(report->metrics.has_finish_line);
  REQUIRE(report->notes.size() == 2);
  CHECK(FormatRaceTable(*report).find("the run was cut") != std::string::npos);
}

TEST_CASE("A configuration without our keys is no hindrance", "[report][record_log]") {
  TemporaryFolder folder;
  const std::string path = folder.File("records.jsonl");
  auto log = OpenRecordLog(
      path, {.monotonic_origin = kStart, .configuration_json = R"({"users":"many","engine":7})"});
  REQUIRE(log.ok());
  (*log)->OnRecord(MakeSteady(0s, 3, 1ms));
  REQUIRE((*log)->Close().ok());
  const auto report = ReadReportFromRecordLog(path);
  REQUIRE(report.ok());
  CHECK(report->engine.empty());
  CHECK_FALSE(report->users);
  CHECK_FALSE(report->is_simulated);
  CHECK_FALSE(report->provenance.started_at);
}

TEST_CASE("The log of a QPS benchmark is not shown as a race", "[report][record_log]") {
  TemporaryFolder folder;
  const std::string path = folder.File("records.jsonl");
  auto log = OpenRecordLog(path, {.monotonic_origin = kStart,
                                  .wall_origin = WallTime(1738324800s),
                                  .configuration_json = R"({"model":"m","qps":"1,5"})"});
  REQUIRE(log.ok());
  (*log)->OnRecord(MakeSteady(0s, 20, 100ms, 0));
  REQUIRE((*log)->Close().ok());
  const auto report = ReadReportFromRecordLog(path);
  REQUIRE_FALSE(report.ok());
  CHECK(std::string(report.status().message()).find("benchmark_qps_results.json") != std::string::npos);
}

TEST_CASE("A log with impossible instants is refused", "[report][record_log]") {
  TemporaryFolder folder;
  const std::string path = folder.File("records.jsonl");
  auto log = OpenRecordLog(path, {.monotonic_origin = kStart});
  REQUIRE(log.ok());
  (*log)->OnRecord(MakeSteady(0s, 3, 1ms));
  RequestRecord broken = MakeSteady(0s, 3, 1ms);
  broken.request_id = 17;
  broken.ended_at = TimePoint::max();
  (*log)->OnRecord(broken);
  REQUIRE((*log)->Close().ok());
  const auto report = ReadReportFromRecordLog(path);
  REQUIRE(absl::IsDataLoss(report.status()));
  CHECK(report.status().message().find("request 17") != absl::string_view::npos);
}

TEST_CASE("A file that is no log is named", "[report][record_log]") {
  TemporaryFolder folder;
  CHECK(absl::IsNotFound(ReadReportFromRecordLog(folder.File("absent.jsonl")).status()));
  CHECK_FALSE(ReadReportFromRecordLog(folder.Write("text.jsonl", "hello\n")).ok());
}
