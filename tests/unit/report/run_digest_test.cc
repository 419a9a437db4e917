#include "llmdyno/report/run_digest.h"

#include <filesystem>

#include "llmdyno/core/record_log.h"
#include "llmdyno/report/summary_json.h"
#include "made_report.h"
#include "support/catch.h"
#include "temporary_folder.h"

using namespace llmdyno;

namespace {

constexpr std::string_view kCsv =
    "timestamp,user_id,input_tokens,output_tokens,end_to_end_s,status_code\n"
    "1400,0,0,500000,400,200\n"
    "1400,1,0,500000,400,200\n";

}  // namespace

TEST_CASE("A CSV's name gives the engine and its rows the rest", "[report][run_digest]") {
  TemporaryFolder folder;
  const auto run = ReadRunDigest(folder.Write("vllm-x-20250131-120000-million-tokens.csv", kCsv));
  REQUIRE(run.ok());
  CHECK(run->label == "vllm-x");
  CHECK_FALSE(run->is_exact);
  CHECK(run->users == 2);
  CHECK(*run->elapsed_s == Approx(400));
  CHECK(*run->OutputTokensPerSecond() == Approx(2500));
  CHECK(*run->SuccessRatePercent() == Approx(100));
  CHECK_FALSE(run->is_valid);
}

TEST_CASE("Another file name is its own label", "[report][run_digest]") {
  TemporaryFolder folder;
  CHECK(ReadRunDigest(folder.Write("my-run.csv", kCsv))->label == "my-run");
}

TEST_CASE("A summary gives exact values and the verdict", "[report][run_digest]") {
  TemporaryFolder folder;
  const RaceReport report = MadeReport();
  REQUIRE(WriteSummaryJson(folder.File("summary.json"), report).ok());
  const auto run = ReadRunDigest(folder.File("summary.json"));
  REQUIRE(run.ok());
  CHECK(run->label == "vllm");
  CHECK(run->model == "some/model");
  CHECK(run->is_exact);
  CHECK(run->is_valid == true);
  CHECK(run->users == 2);
  CHECK(run->output_tokens == report.metrics.output_tokens);
  CHECK(*run->elapsed_s == Approx(ToSeconds(report.metrics.elapsed)));
  CHECK(*run->OutputTokensPerSecond() == Approx(*report.metrics.output_tokens_per_second));
}

TEST_CASE("The summary beside a CSV is used when it is about the same rows", "[report][run_digest]") {
  TemporaryFolder folder;
  RaceReport report = MadeReport();
  report.metrics.requests = report.metrics.successful = 2;
  report.metrics.output_tokens = 1'000'000;
  report.metrics.elapsed = 400123ms;
  REQUIRE(WriteSummaryJson(folder.File("summary.json"), report).ok());
  const std::string csv = folder.Write("race.csv", kCsv);
  CHECK(ReadRunDigest(csv)->is_exact);
  CHECK(*ReadRunDigest(csv)->elapsed_s == Approx(400.123));

  report.metrics.output_tokens = 999;
  REQUIRE(WriteSummaryJson(folder.File("summary.json"), report).ok());
  CHECK_FALSE(ReadRunDigest(csv)->is_exact);
}

TEST_CASE("A folder is read by the best file in it", "[report][run_digest]") {
  TemporaryFolder folder;
  CHECK(absl::IsNotFound(ReadRunDigest(folder.path()).status()));

  auto log = OpenRecordLog(folder.File("records.jsonl"),
                           {.monotonic_origin = kStart, .configuration_json = R"({"engine":"tgi"})"});
  REQUIRE(log.ok());
  (*log)->OnRecord(MakeSteady(0s, 10, 100ms));
  REQUIRE((*log)->Close().ok());
  CHECK(ReadRunDigest(folder.path())->label == "tgi");
  CHECK(ReadRunDigest(folder.path())->output_tokens == 10);

  folder.Write("a.csv", kCsv);
  CHECK(ReadRunDigest(folder.path())->label == "a");
  folder.Write("b.csv", kCsv);
  CHECK(absl::IsInvalidArgument(ReadRunDigest(folder.path()).status()));
  REQUIRE(WriteSummaryJson(folder.File("summary.json"), MadeReport()).ok());
  CHECK(ReadRunDigest(folder.path())->label == "vllm");
}

TEST_CASE("What cannot be read is named", "[report][run_digest]") {
  TemporaryFolder folder;
  CHECK(absl::IsNotFound(ReadRunDigest(folder.File("absent")).status()));
  CHECK_FALSE(ReadRunDigest(folder.Write("x.json", "{")).ok());
  CHECK_FALSE(ReadRunDigest(folder.Write("y.json", "{\"format\":5}")).ok());
  CHECK_FALSE(ReadRunDigest(
                  folder.Write("z.json", "{\"format\":\"llmdyno-summary\",\"metrics\":{\"requests\":\"a\"}}"))
                  .ok());
  CHECK_FALSE(ReadRunDigest(folder.Write("w.jsonl", "hello\n")).ok());
}
