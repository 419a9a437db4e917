#include "llmdyno/report/summary_json.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "documented_keys.h"
#include "llmdyno/core/record_log.h"
#include "llmdyno/metrics/metric_table.h"
#include "llmdyno/report/race_csv.h"
#include "llmdyno/report/race_repetitions.h"
#include "made_report.h"
#include "support/catch.h"
#include "support/written_files.h"
#include "temporary_folder.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

// A report in which everything optional is there.
RaceReport FullReport() {
  RaceReport report = MadeReport();
  report.cost = CostOf(MicroUsd::FromUsd(1.47), report.metrics);
  report.files = {{"csv", "race.csv"}, {"records", "records.jsonl"}};
  report.notes = {"a note"};
  report.measurement_errors = {
      {.quantity = MeasuredQuantity::kTtft, .figures = ErrorFigures{10, 1, 1, 2, 3}}};
  TakeRepetitions({{report.metrics, {}, {}}, {report.metrics, {}, {}}}, report);
  return report;
}

Json Parsed(const RaceReport& report) {
  const std::string text = SummaryJson(report);
  KeepWrittenText("summary.json", text);
  return Json::parse(text);
}

}  // namespace

TEST_CASE("The summary has the race's numbers under the names of the metric table", "[report][summary]") {
  const Json json = Parsed(FullReport());
  CHECK(json["format"] == "llmdyno-summary");
  CHECK(json["engine"] == "vllm");
  CHECK(json["seed"] == 42);
  CHECK(json["started_at"] == "2025-01-31T12:00:00.000Z");
  CHECK(json["stop_reason"] == "target_tokens");
  CHECK(json["complete"] == true);
  CHECK(json["configuration"]["target_tokens"] == 150);
  CHECK(json["metrics"]["output_tokens"] == 155);
  CHECK(json["metrics"]["output_tokens"].is_number_integer());
  CHECK(json["metrics"]["elapsed_s"] == 10.0);
  CHECK(json["metrics"]["output_tokens_per_s"].get<double>() == Approx(15.5));
  CHECK(json["distributions"]["ttft_ms"]["mean"].get<double>() == Approx(100));
  CHECK(json["distributions"]["ttft_ms"]["n"] == 8);
  CHECK(json["distributions"]["ttft_ms"]["thin"] == Json({"p90", "p95", "p99"}));
  CHECK(json["distributions"]["itl_ms"]["p50"].get<double>() == Approx(100).epsilon(0.01));
  CHECK(json["definitions"]["first_token"] == "any-text");
  CHECK(json["verdict"]["valid"] == true);
  CHECK(json["files"]["csv"] == "race.csv");
  CHECK(json["per_user"].size() == 2);
  CHECK(json["failures"][0]["class"] == "overload");
}

TEST_CASE("Every metric of the table is in the summary", "[report][summary]") {
  const Json json = Parsed(FullReport());
  for (const MetricDef& metric : MetricTable()) {
    const std::string name(metric.name);
    CAPTURE(name);
    CHECK(json[metric.scope == MetricScope::kRun ? "metrics" : "distributions"].contains(name));
  }
}

TEST_CASE("What does not exist is null, and no number is odd", "[report][summary]") {
  const Json json = Parsed(RaceReport());
  CHECK(json["engine"].is_null());
  CHECK(json["seed"].is_null());
  CHECK(json["started_at"].is_null());
  CHECK(json["cost"].is_null());
  CHECK(json["verdict"].is_null());
  CHECK(json["metrics"]["output_tokens_per_s"].is_null());
  CHECK(json["metrics"]["elapsed_s"].is_null());
  CHECK(json["distributions"]["ttft_ms"]["p99"].is_null());
  CHECK(json["distributions"]["ttft_ms"]["p99_ci95"].is_null());
  CheckNoNumberIsOdd(json);
  CheckNoNumberIsOdd(Parsed(FullReport()));
}

TEST_CASE("Every key of the summary and every column of the CSV is documented", "[report][summary]") {
  const std::string results = ReadAll(std::string(LLMDYNO_DOCS) + "/result-files.md");
  const std::string metrics = ReadAll(std::string(LLMDYNO_DOCS) + "/metrics.md");
  REQUIRE_FALSE(results.empty());
  std::set<std::string> keys(kRaceCsvColumns.begin(), kRaceCsvColumns.end());
  CollectKeys(Parsed(FullReport()), {}, keys);
  for (const std::string& key : keys) {
    CAPTURE(key);
    const std::string quoted = "`" + key + "`";
    CHECK((results.find(quoted) != std::string::npos || metrics.find(quoted) != std::string::npos));
  }
}

TEST_CASE("Every key of the record log is documented", "[report][summary]") {
  const std::string document = ReadAll(std::string(LLMDYNO_DOCS) + "/record-log.md");
  TemporaryFolder folder;
  auto log = OpenRecordLog(folder.File("records.jsonl"), {.monotonic_origin = kStart});
  REQUIRE(log.ok());
  RequestRecord record =
      Make({.arrivals = {{.at = 1ms}, {.at = 2ms, .tokens = 2, .events = 2}}, .ended = 2ms});
  record.arrivals.Append({.at = kStart + 3ms, .upper_bound = true});
  record.prompt_text = record.output_text = "x";
  (*log)->OnRecord(record);
  (*log)->OnFinishLine(kStart + 1s, "duration");
  REQUIRE((*log)->Close().ok());
  std::set<std::string> keys;
  std::istringstream lines(ReadAll(folder.File("records.jsonl")));
  for (std::string line; std::getline(lines, line);) CollectKeys(Json::parse(line), {}, keys);
  CHECK(keys.size() > 40);
  for (const std::string& key : keys) {
    CAPTURE(key);
    CHECK(document.find("`" + key + "`") != std::string::npos);
  }
}

TEST_CASE("Texts from an endpoint cannot break the summary", "[report][summary]") {
  RaceReport report = FullReport();
  report.metrics.failures[0].sample_message = "bad \xff byte";
  report.configuration_json = "not json";
  CHECK(Parsed(report)["configuration"].is_null());
}

TEST_CASE("The file appears whole or not at all", "[report][summary]") {
  TemporaryFolder folder;
  const std::string path = folder.Write("summary.json", "old");
  REQUIRE(WriteSummaryJson(path, FullReport()).ok());
  CHECK(ReadAll(path) == SummaryJson(FullReport()));
  CHECK_FALSE(std::filesystem::exists(path + ".tmp"));
  const absl::Status status = WriteSummaryJson("/nonexistent/summary.json", FullReport());
  CHECK_FALSE(status.ok());
  CHECK(status.message().find("/nonexistent/summary.json") != absl::string_view::npos);
}
