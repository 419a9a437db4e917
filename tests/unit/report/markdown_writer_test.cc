// The summary in Markdown: what stands in it, and that nobody's text makes it fall apart.
#include <nlohmann/json.hpp>

#include "llmdyno/report/report_writer.h"
#include "llmdyno/report/stored_result.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

using Json = nlohmann::ordered_json;

std::unique_ptr<ReportWriter> MakeWriter(const std::string& text = "markdown") {
  ReportWriterRegistry registry("report writer");
  AddBuiltInReportWriters(registry);
  auto writer = registry.Make(*Params::Parse(text), Diagnostics());
  INFO(writer.status().ToString());
  REQUIRE(writer.ok());
  return *std::move(writer);
}

std::string Summary(const Json& json) {
  const auto texts = MakeWriter()->Write({"llmdyno-race", json.dump()});
  INFO(texts.status().ToString());
  REQUIRE(texts.ok());
  REQUIRE(texts->size() == 1);
  CHECK(texts->front().file_name == "summary.md");
  return texts->front().text;
}

Json Race() {
  return Json::parse(
      R"({"format": "llmdyno-summary", "title": "Race to 8,000 output tokens", "simulated": false,
    "engine": "vllm", "model": "llama", "endpoint": "http://server:8000/v1", "users": 8, "complete": true,
    "stop_reason": "target_tokens",
    "metrics": {"requests": 42, "failed": 2, "output_tokens_per_s": 12345.678, "elapsed_s": null},
    "rate_ci95": {"output_tokens_per_s": [12000.0, 13000.5]},
    "distributions": {"ttft_ms": {"unit": "ms", "n": 1234, "mean": 0.0012345, "p50": 40.5, "p90": 47, "p95": 52.25,
      "p99": 60.126, "thin": ["p99"]}},
    "failures": [{"class": "overload", "count": 2, "sample_message": "busy"}],
    "verdict": {"valid": true, "reasons": [], "unknown": [], "caveats": []}, "notes": []})");
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("A race's summary has the verdict above the figures, with units and counts", "[report]") {
  const std::string text = Summary(Race());
  CHECK(text.starts_with("## Race to 8,000 output tokens\n\n**Verdict: VALID**\n"));
  CHECK(Has(text, "endpoint http://server:8000/v1, model llama, engine vllm, users 8\n"));
  CHECK(Has(text, "| output tokens | 12,345.7 | tokens/s | 12,000.0 – 13,000.5 |\n"));
  CHECK(Has(text, "| requests | 42 | requests | – |\n"));
  CHECK(Has(text, "| time | – | s | – |\n"));
  CHECK(
      Has(text, "| time to first token (TTFT) | ms | 0.001234 | 40.50 | 47 | 52.25 | 60.13 \\* | 1,234 |\n"));
  CHECK(Has(text, "\\* rests on too few samples to mean much\n"));
  CHECK(Has(text, "### Failures\n\n- 2 x overload, such as: busy\n"));
  CHECK_FALSE(Has(text, "SIMULATED"));
  CHECK_FALSE(Has(text, "### Doubts"));
}

TEST_CASE("What speaks against a race's numbers is said with them", "[report]") {
  Json race = Race();
  race["simulated"] = true;
  race["complete"] = false;
  race["verdict"]["valid"] = false;
  race["verdict"]["reasons"] = {"the client was late"};
  race["verdict"]["unknown"] = {"nobody knows the cores"};
  const std::string text = Summary(race);
  CHECK(Has(text, "**SIMULATED**"));
  CHECK(Has(text, "**Verdict: SUSPECT** (see the doubts below); **cut before its end**\n"));
  CHECK(Has(text, "### Doubts\n\n- the client was late\n- not judged: nobody knows the cores\n"));
  race["verdict"] = nullptr;
  CHECK(Has(Summary(race), "**Verdict: not judged**"));
}

TEST_CASE("Somebody else's text stays in its cell and calls nobody", "[report]") {
  Json race = Race();
  race["failures"][0]["sample_message"] = "a | b\nc `d` <script> @someone ![x](http://y) &amp; #7";
  const std::string text = Summary(race);
  CHECK(Has(text, R"(such as: a \| b c \`d\` \<script\> &#64;someone !\[x\](http://y) &amp;amp; \#7)"));
  race["title"] = "one\n# two";
  CHECK(Summary(race).starts_with("## one \\# two\n"));
}

TEST_CASE("A benchmark of rates has a row for each level and says which one is SUSPECT", "[report]") {
  const Json level =
      Json::parse(R"({"qps_target": 5.0, "users": null, "total_requests": 50, "success_rate": 98.0,
    "successful_qps": 4.9, "output_tokens_per_s": 1000.4, "stop_reason": "target_requests", "simulated": false,
    "distributions": {"ttft_ms": {"n": 49, "p50": 40.5, "p99": 90.0, "thin": ["p99"]},
                      "e2e_ms": {"n": 49, "p50": 2000.0, "p99": 3000.0, "thin": []}},
    "slo": {"met": false, "misses": [{"sentence": "ttft_p99 was 90 ms, limit 50 ms"}]}, "failures": [],
    "verdict": {"valid": true, "reasons": []}})");
  Json suspect = level;
  suspect["qps_target"] = "inf";
  suspect["stop_reason"] = "interrupted";
  suspect["verdict"] = Json::parse(R"({"valid": false, "reasons": ["late"]})");
  const Json metadata = {{"title", "QPS benchmark"}, {"capacity", {{"sentence", "5 was sustained"}}}};
  const std::string text = Summary({{"metadata", metadata}, {"results", {level, suspect}}});
  CHECK(Has(text,
            "**Verdict: SUSPECT** at inf requests/s (see the doubts below); **cut before its end**: inf"));
  CHECK(Has(text,
            "| 5.00 requests/s | 50 | 98.00 | 4.90 | 1,000.4 | 40.50 | 90.00 \\* | 2,000.0 | 3,000.0 | 49 | "
            "VALID |\n"));
  CHECK(Has(text, "**SUSPECT**, cut |\n"));
  CHECK(Has(text, "### Capacity\n\n- 5 was sustained\n"));
  CHECK(Has(text, "- 5.00 requests/s: ttft_p99 was 90 ms, limit 50 ms\n"));
  CHECK(Has(text, "- inf requests/s: late\n"));
  // The list of levels alone, as its file has it.
  CHECK(Has(Summary(Json::array({level})), "| 5.00 requests/s | 50 |"));
  CHECK(Has(Summary(Json::array()), "**Nothing was measured.**"));
}

TEST_CASE("What is no result is refused with a sentence", "[report]") {
  const auto refusal = [](const std::string& json) {
    return std::string(MakeWriter()->Write({"some-app", json}).status().message());
  };
  CHECK(refusal("{") == "markdown: the result of 'some-app' is not JSON");
  CHECK(refusal("{}").find("is of no kind that it knows") != std::string::npos);
  CHECK(refusal("3").find("is of no kind that it knows") != std::string::npos);
}

TEST_CASE("The summary's file can be named, but not put elsewhere", "[report]") {
  const auto texts = MakeWriter("markdown:file_name=pull-request.md")->Write({"a", Race().dump()});
  REQUIRE(texts.ok());
  CHECK(texts->front().file_name == "pull-request.md");
  ReportWriterRegistry registry("report writer");
  AddBuiltInReportWriters(registry);
  CHECK(registry.Make(*Params::Parse("markdown:file_name=a/b.md"), Diagnostics()).status().message() ==
        "markdown: file_name: expected a name without a folder, got 'a/b.md'");
  CHECK(registry.Check("markdwon").message().find("did you mean 'markdown'?") != std::string::npos);
}

TEST_CASE("The two files of a benchmark of rates make one document", "[report]") {
  const Json joined = Json::parse(JoinRateResult("{\"title\": \"t\"}\n", "[{\"level\": 0}]\n"));
  CHECK(joined == Json::parse(R"({"metadata": {"title": "t"}, "results": [{"level": 0}]})"));
  CHECK(ReadStoredResult("/nowhere/at/all").status().message() ==
        "there is no file or folder '/nowhere/at/all'");
}
