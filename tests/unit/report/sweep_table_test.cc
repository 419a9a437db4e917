#include "llmdyno/report/sweep_table.h"

#include "llmdyno/report/sweep_json.h"
#include "made_sweep.h"
#include "report/sweep_text.h"
#include "report/text_format.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string LevelText(const SweepReport& report, size_t level) {
  return FormatSweepLevel(report, report.levels[level]);
}

}  // namespace

TEST_CASE("A level is told with its successes, tokens, latencies, rates and each run",
          "[report][sweep_table]") {
  SweepReport report = MadeSweepOf(4);
  report.levels[3].metrics.run.batch_total_s = Of({0.461, 0.47, 0.455});
  const std::string text = LevelText(report, 3);
  INFO(text);
  CHECK(text.starts_with("batch size 8: 24 of 24 requests succeeded in 3 runs\n"));
  for (const char* part : {"Tokens: 4,800 in (200.0 ± 0.0 a request), 1,200 out (50.0 ± 0.0)", "TTFT (ms)",
                           "TPOT (ms)", "Decode tok/s", "Output tok/s over wall time",
                           "Combined (sum of decode speeds)", "Steady-state tok/s", "0.461  0.470  0.455"}) {
    CAPTURE(part);
    CHECK(Has(text, part));
  }
  CHECK_FALSE(Has(text, "TTFO"));  // no reasoning
  CHECK_FALSE(Has(text, "failed"));
}

TEST_CASE("Where reasoning comes first, the first text of the answer has a row of its own",
          "[report][sweep_table]") {
  SweepReport report = MadeSweepOf(1);
  report.levels[0].metrics.request.ttfo_s = Of({0.5, 0.5, 0.5});
  CHECK(Has(LevelText(report, 0), "TTFO (ms)"));
}

// B11
TEST_CASE("The simple benchmark prints mean and deviation of every metric of its file",
          "[report][sweep_table]") {
  const SweepReport report = MadeSweepOf(2, SweepKind::kSimple);
  const std::string text = LevelText(report, 1);
  INFO(text);
  for (const char* name :
       {"input_per_request", "output_per_request", "batch_total_seconds", "fastest_seconds",
        "slowest_seconds", "spread_seconds", "batch_tokens_per_second", "request_tokens_per_second"}) {
    CAPTURE(name);
    bool found = false;
    for (const std::string& line : Lines(text)) found = found || (Has(line, name) && Has(line, " ± "));
    CHECK(found);
  }
  const std::string summary = FormatSweepSummary(report);
  for (const char* title : {"batch tok/s", "request tok/s", "fastest", "slowest", "spread", "total"}) {
    CHECK(Has(summary, title));
  }
}

TEST_CASE("Failures, wrong lengths and a slow client are told in sentences", "[report][sweep_table]") {
  SweepReport report = MadeSweep({MadeSweepLevelReport({.in_flight = 8, .failed = 3})});
  SweepLevelMetrics& metrics = report.levels[0].metrics;
  metrics.input_lengths.off_by_2_percent = 5;
  metrics.input_lengths.deviation_percent = Of({4, 5});
  metrics.input_lengths.mean_extra = 9;
  metrics.output_lengths = OutputLengthCheck{.requests = 21, .shorter = 2, .longer = 1, .not_reported = 4};
  report.levels[0].validity = {false, {{.code = "busy_thread", .sentence = "the client was late"}}, {}};
  report.levels[0].stop_reason = "interrupted";
  for (const std::string& text : {LevelText(report, 0), FormatSweepSummary(report)}) {
    INFO(text);
    CHECK(Has(text, "3 requests failed: HTTP 503 3"));
    CHECK(Has(text, "for example (overload): HTTP 503: busy"));
    CHECK(Has(text, "5 of 21 prompts were more than 2 % off"));
    CHECK(Has(text, "3 of 21 answers had another length than was asked for: 2 shorter, 1 longer"));
    CHECK(Has(text, "the length of 4 answers"));
    CHECK(Has(text, "SUSPECT"));
    CHECK(Has(text, "the client was late"));
    CHECK(Has(text, "interrupted"));
  }
}

TEST_CASE("A level without a success shows its failures instead of a table", "[report][sweep_table]") {
  const SweepReport report = MadeSweep({MadeSweepLevelReport({.in_flight = 4, .failed = 12})});
  const std::string text = LevelText(report, 0);
  CHECK(Has(text, "0 of 12 requests succeeded"));
  CHECK(Has(text, "12 requests failed"));
  CHECK_FALSE(Has(text, "TTFT"));
  CHECK(Has(FormatSweepSummary(report), "-"));
}

TEST_CASE("The summary sets the sum of decode speeds beside tokens over wall time and says what it is",
          "[report][sweep_table]") {
  SweepReport report = MadeSweepOf(3);
  report.skipped = {"8", "16"};
  report.skip_reason = "interrupted";
  report.notes = {"something to know"};
  report.files = {{"results", "out.json"}};
  const std::string text = FormatSweepSummary(report);
  INFO(text);
  CHECK(Has(text, "over wall time"));
  CHECK(Has(text, "combined*"));
  CHECK(Has(text, "combined (sum of decode speeds)"));
  CHECK(Has(text, "Not run             8, 16: interrupted"));
  CHECK(Has(text, "something to know"));
  CHECK(Has(text, "out.json"));
  CHECK(Has(text, "clock: kernel"));
  CHECK(Has(text, "output from usage"));
}

TEST_CASE("Levels kept from an earlier run stand in the summary", "[report][sweep_table]") {
  SweepReport report = MadeSweepOf(2);
  const std::string before = FormatSweepSummary(report);
  const std::string file = SweepResultsJson(report);
  const size_t begin = file.find("\"1\": {") + 5;
  report.kept_levels = {{"1", file.substr(begin, file.find("\n    },", begin) + 6 - begin)}};
  report.levels.erase(report.levels.begin());
  const std::string after = FormatSweepSummary(report);
  CHECK(Has(after, "Kept                1: measured by an earlier run"));
  CHECK(Lines(after)[5] == Lines(before)[5]);
}

// G15, G16
TEST_CASE("A grid is printed as a matrix of lengths for each batch size, with wrong lengths marked",
          "[report][sweep_table]") {
  SweepReport report = MadeShapes({128, 2048}, {32, 256}, {1, 8});
  report.levels[0].metrics.output_lengths->longer = 1;
  const std::string text = FormatSweepSummary(report);
  INFO(text);
  CHECK(Has(text, "Batch size 1: means"));
  CHECK(Has(text, "Batch size 8: means"));
  CHECK(Has(text, "    in \\ out"));
  CHECK(Has(text, "    2,048  "));
  CHECK(Has(text, "22.80 !"));
  CHECK(Has(text, "! answers had another length"));
  CHECK(Has(LevelText(report, 1), "Lengths verified: all 3 answers as long as asked for"));
  CHECK_FALSE(Has(LevelText(report, 0), "Lengths verified"));
}

TEST_CASE("Everything of a simulated endpoint says so, and nothing is wider than the other tables",
          "[report][sweep_table]") {
  for (const SweepKind kind : {SweepKind::kCompletion, SweepKind::kSimple}) {
    SweepReport report = MadeSweepOf(11, kind);
    CHECK_FALSE(Has(FormatSweepSummary(report), "SIMULATED"));
    report.is_simulated = true;
    CHECK(FormatSweepSummary(report).starts_with("SIMULATED"));
    CHECK(Has(LevelText(report, 0), "SIMULATED"));
    for (const std::string& line : Lines(FormatSweepSummary(report) + LevelText(report, 10))) {
      CAPTURE(line);
      CHECK(ScreenWidth(line) <= 120);
    }
  }
}

TEST_CASE("A sweep without a level says so", "[report][sweep_table]") {
  CHECK(Has(FormatSweepSummary(MadeSweep({})), "No level was run to its end."));
}

TEST_CASE("Columns are as wide as their widest cell", "[report][sweep_table]") {
  TextColumns table({"a", "bb"});
  table.Add({"long", "1 ± 2"});
  CHECK(table.Text("") == "a        bb\nlong  1 ± 2\n");
}
