#include "llmdyno/report/selftest_json.h"

#include "documented_keys.h"
#include "made_selftest.h"
#include "report/report_json.h"
#include "support/written_files.h"
#include "temporary_folder.h"

namespace llmdyno {

TEST_CASE("selftest.json has documented keys and no odd number", "[report][selftest]") {
  const std::string text = SelftestJson(MadeSelftest());
  KeepWrittenText("selftest.json", text);
  const Json json = Json::parse(text);
  CheckKeysAreDocumented(json, {"definitions"});
  CheckNoNumberIsOdd(json);
  CHECK(json["simulated"] == true);
  CHECK(json["highest_load"]["concurrency"] == 1000);
  CHECK(json["levels"][2]["errors"]["arrival"]["p99_us"] == 40);
  CHECK(json["machine"]["governor"].is_null());
  CHECK(json["configuration"]["quick"] == false);
}

TEST_CASE("A self-test without a result is written with nulls", "[report][selftest]") {
  SelftestReport report;
  report.levels.resize(1);
  report.levels[0].scripted_tokens_per_second = 50;
  const Json json = Json::parse(SelftestJson(report));
  CHECK(json["highest_load"]["concurrency"].is_null());
  CHECK(json["levels"][0]["errors"]["ttft"].is_null());
  CHECK(json["levels"][0]["upper_bound_share"].is_null());
}

TEST_CASE("What other results need of a selftest.json is read back as it was", "[report][selftest]") {
  const TemporaryFolder folder;
  const SelftestReport report = MadeSelftest();
  const auto read = ReadSelftest(folder.Write("selftest.json", SelftestJson(report)));
  REQUIRE(read.ok());
  CHECK(read->date == "2025-01-31");
  CHECK(read->machine == report.machine);
  REQUIRE(read->levels.size() == 3);
  CHECK(read->levels[2].concurrency == 1000);
  CHECK(read->levels[2].tokens_per_second == 49'999.5);
  CHECK(read->levels[2].errors == report.levels[2].errors);
  CHECK(read->levels[2].valid);
}

TEST_CASE("A level that was interrupted speaks for nothing", "[report][selftest]") {
  const TemporaryFolder folder;
  SelftestReport report = MadeSelftest();
  report.levels[2].interrupted = true;
  const auto read = ReadSelftest(folder.Write("selftest.json", SelftestJson(report)));
  REQUIRE(read.ok());
  CHECK(read->levels.size() == 2);
  report.levels = {report.levels[2]};
  const auto none = ReadSelftest(folder.Write("none.json", SelftestJson(report)));
  CHECK(none.status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("What is no selftest.json is refused with its name and what is wrong", "[report][selftest]") {
  const TemporaryFolder folder;
  CHECK(ReadSelftest(folder.File("missing.json")).status().code() == absl::StatusCode::kNotFound);
  Json later = Json::parse(SelftestJson(MadeSelftest()));
  later["version"] = 2;
  const std::vector<std::pair<std::string, std::string>> files = {
      {"not JSON", "it is no selftest.json"},
      {"[1, 2]", "it is no selftest.json"},
      {R"({"format": "something"})", "it is no selftest.json"},
      {later.dump(), "its version is 2, expected 1"},
      {R"({"format": "llmdyno-selftest", "version": 1, "levels": [null, {}, {"concurrency": 1}]})",
       "it has no level that was measured to its end"}};
  for (const auto& [text, why] : files) {
    const std::string path = folder.Write("file.json", text);
    const absl::Status status = ReadSelftest(path).status();
    INFO(text);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(std::string(status.message()).starts_with("the self-test '" + path + "' cannot be used: " + why));
  }
}

}  // namespace llmdyno
