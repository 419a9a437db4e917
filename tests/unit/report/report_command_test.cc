#include "report/report_command.h"

#include "llmdyno/core/record_log.h"
#include "support/catch.h"
#include "temporary_folder.h"
#include "unit/metrics/made_record.h"

using namespace llmdyno;

namespace {

constexpr std::string_view kCsv =
    "timestamp,user_id,input_tokens,output_tokens,end_to_end_s,status_code\n"
    "1400,0,10,500000,400,200\n"
    "1400,1,10,500000,400,200\n";

std::string Problem(const std::vector<std::string>& arguments) {
  const auto text = RunReportCommand(arguments);
  REQUIRE_FALSE(text.ok());
  return std::string(text.status().message());
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("cost finds 0.163 for 400 s at 1.47, hyphens or underscores alike", "[apps][report]") {
  TemporaryFolder folder;
  const std::string csv = folder.Write("race.csv", kCsv);
  for (const char* flag : {"--price-per-hour", "--price_per_hour"}) {
    const auto text = RunReportCommand({"cost", "--csv", csv, flag, "1.47"});
    REQUIRE(text.ok());
    CHECK(Has(text->text, "Cost per 1M output tokens:   $0.163\n"));
  }
}

TEST_CASE("compare lists every run", "[apps][report]") {
  TemporaryFolder folder;
  const auto text = RunReportCommand({"compare", folder.Write("a.csv", kCsv), folder.Write("b.csv", kCsv)});
  REQUIRE(text.ok());
  CHECK(Has(text->text, "\na "));
  CHECK(Has(text->text, "\nb "));
}

TEST_CASE("show prints the final block from a log, its folder or a file beside it", "[apps][report]") {
  TemporaryFolder folder;
  auto log = OpenRecordLog(folder.File("records.jsonl"), {.monotonic_origin = kStart});
  REQUIRE(log.ok());
  (*log)->OnRecord(MakeSteady(0s, 10, 100ms));
  REQUIRE((*log)->Close().ok());
  folder.Write("race.csv", kCsv);
  for (const std::string& path : {folder.File("records.jsonl"), folder.path(), folder.File("race.csv")}) {
    const auto text = RunReportCommand({"show", path});
    REQUIRE(text.ok());
    CHECK(Has(text->text, "  Output Tokens:      10\n"));
  }
}

TEST_CASE("definitions prints every tool's figures from a log, level by level", "[apps][report]") {
  TemporaryFolder folder;
  auto log = OpenRecordLog(
      folder.File("records.jsonl"),
      {.monotonic_origin = kStart, .wall_origin = {}, .configuration_json = R"({"simulate":"fast"})"});
  REQUIRE(log.ok());
  RequestRecord record = MakeSteady(0s, 11, 100ms);
  record.output_tokens.tokens = 10;  // not what its events say
  record.last_event_at = record.last_content_at = record.last_text_at;
  (*log)->OnRecord(record);
  record.level = 1;
  (*log)->OnRecord(record);
  (*log)->OnFinishLine(kStart + 2s, "target_requests");
  REQUIRE((*log)->Close().ok());
  for (const std::string& path : {folder.File("records.jsonl"), folder.path()}) {
    const auto text = RunReportCommand({"definitions", path});
    REQUIRE(text.ok());
    for (const char* part :
         {"SIMULATED", "Level 0\n", "Level 1\n", "llmdyno ", "vLLM, R-bench ", "SGLang (chat) ", "guidellm ",
          "AIPerf ", "genai-bench ", "inference-perf ", "inference-benchmarker ", "llmperf ",
          " 110.000 ",  // llmperf's ITL: 1100 ms / 10 tokens
          "1 of 1 request: the stream did not tell"}) {
      CAPTURE(part);
      CHECK(Has(text->text, part));
    }
    CHECK_FALSE(Has(text->text, "was cut"));
  }
}

TEST_CASE("definitions says what is wrong with a log that holds no stream", "[apps][report]") {
  TemporaryFolder folder;
  auto log = OpenRecordLog(folder.File("records.jsonl"), {.monotonic_origin = kStart});
  REQUIRE(log.ok());
  RequestRecord record = MakeSteady(0s, 10, 100ms);
  record.streamed = false;
  (*log)->OnRecord(record);
  REQUIRE((*log)->Close().ok());
  CHECK(Has(Problem({"definitions", folder.path()}), "has 1 record, none of a measured request"));
  CHECK(Has(Problem({"definitions"}), "needs one records.jsonl, or a folder with one; got 0 names"));
  CHECK(Has(Problem({"definitions", "/nowhere/at/all"}), "there is no file or folder"));
}

TEST_CASE("Help and version are answers", "[apps][report]") {
  CHECK(Has(RunReportCommand({"--help"})->text, "Usage:"));
  CHECK(Has(RunReportCommand({"cost", "--help"})->text, "--price-per-hour"));
  CHECK(Has(RunReportCommand({"compare", "--version"})->text, "llmdyno-report "));
}

TEST_CASE("Bad input gets one sentence that says what is wrong", "[apps][report]") {
  TemporaryFolder folder;
  const std::string csv = folder.Write("race.csv", kCsv);
  CHECK(Has(Problem({}), "a subcommand is missing"));
  CHECK(Has(Problem({"cots"}), "did you mean cost?"));
  CHECK(Has(Problem({"--csv"}), "unknown flag --csv"));
  CHECK(Has(Problem({"cost", "--cvs", csv}), "did you mean --csv?"));
  CHECK(Has(Problem({"cost", "--csv", csv}), "--price-per-hour"));
  CHECK(Has(Problem({"cost", "--csv", csv, "--price-per-hour", "0"}), "above zero"));
  CHECK(Has(Problem({"cost", "--csv", csv, "--price-per-hour", "-1"}), "--price-per-hour"));
  CHECK(Has(Problem({"cost", "--csv", folder.File("absent.csv"), "--price-per-hour", "1"}), "absent.csv"));
  CHECK(Has(Problem({"compare", csv}), "two or more"));
  CHECK(Has(Problem({"show", "--bogus", csv}), "--bogus"));
  CHECK(Has(Problem({"show", folder.File("absent")}), "absent"));
  CHECK(Has(Problem({"show", csv}), "records.jsonl"));
}

TEST_CASE("plot draws results into the image that a flag or a name gives, and prints the numbers",
          "[apps][report]") {
  if (std::system("command -v gnuplot >/dev/null 2>&1") != 0) return;
  TemporaryFolder folder;
  const std::string results = folder.Write(
      "results.json", R"({"metadata":{"batch_sizes":[1]},"results":{"1":{"tokens_per_second_in_batch":70.5,)"
                      R"("avg_tokens_per_second":60}}})");
  const std::string image = folder.File("out.png");
  const std::vector<std::vector<std::string>> spellings = {{"plot", results, "-o", image},
                                                           {"plot", "--output", image, results},
                                                           {"plot", "--output=" + image, results},
                                                           {"plot", results, image},
                                                           {"plot", image, results},
                                                           {"plot", "--layout", "advanced", results, image}};
  for (const auto& spelling : spellings) {
    std::filesystem::remove(image);
    const auto text = RunReportCommand(spelling);
    INFO(text.status().ToString());
    REQUIRE(text.ok());
    CHECK(Has(text->text, "70.5"));
    CHECK(Has(text->text, "Plot: " + image));
    CHECK(ReadAll(image).starts_with("\x89PNG"));
  }
}

TEST_CASE("plot refuses what it cannot draw before anything is written", "[apps][report]") {
  TemporaryFolder folder;
  const std::string results = folder.Write("results.json", "{}");
  const std::string mine = folder.Write("mine.png", "not an image, but precious");
  CHECK(Has(Problem({"plot"}), "--output"));
  CHECK(Has(Problem({"plot", results}), "plot needs --output FILE"));
  CHECK(Has(Problem({"plot", folder.File("out.png")}), "plot needs a file of results"));
  CHECK(Has(Problem({"plot", results, folder.File("a.png"), folder.File("b.png")}), "two images"));
  CHECK(Has(Problem({"plot", results, mine}), "is no image"));
  CHECK(Has(Problem({"plot", results, "-o", folder.File("out.pdf")}), ".png or .svg"));
  CHECK(Has(Problem({"plot", results, "-o", folder.File("out.png"), "--layout", "fancy"}), "advanced"));
  CHECK(Has(Problem({"plot", results, folder.File("out.png")}), "holds no benchmark results"));
  CHECK(ReadAll(mine) == "not an image, but precious");
  CHECK(Has(RunReportCommand({"plot", "--help"})->text, "--layout"));
}
