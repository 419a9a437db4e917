#include "llmdyno/report/race_table.h"

#include <sstream>

#include "made_report.h"
#include "report/text_format.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("The final block begins with the ten lines in their order", "[report][race_table]") {
  const auto lines = Lines(FormatRaceTable(MadeReport()));
  REQUIRE(lines.size() > 13);
  // 155 tokens in 10 s: 15.5/s. Ten seconds are one window, so the peak is the same.
  CHECK(std::vector<std::string>(lines.begin() + 3, lines.begin() + 13) ==
        std::vector<std::string>{
            "  Output Tokens:      155", "  Input Tokens:       80", "  Total Tokens:       235",
            "  Time Elapsed:       10.0s (0.17 minutes)", "  Avg Throughput:     15.5 tokens/sec",
            "  Peak Throughput:    15.5 tokens/sec", "  Total Requests:     9", "  Successful:         8",
            "  Failed:             1", "  Success Rate:       88.89%"});
}

TEST_CASE("Latencies come with n, and thin percentiles are marked", "[report][race_table]") {
  const std::string table = FormatRaceTable(MadeReport());
  // Eight answers with a TTFT of 100 ms: p50 is sound, p90 and beyond have less than one sample behind them.
  CHECK(Has(table,
            "    TTFT                     100.00       100.00      ~100.00      ~100.00      ~100.00         "
            "   8\n"));
  CHECK(Has(table,
            "    ITL                      100.00       100.00       100.00       100.00       100.00         "
            " 152\n"));
  CHECK(Has(table, "too few samples"));
}

TEST_CASE("What is apart from the race is said apart", "[report][race_table]") {
  const std::string table = FormatRaceTable(MadeReport());
  CHECK(Has(table, "  Ended               the token target was reached (target_tokens)\n"));
  CHECK(Has(table, "  Finish line         in flight at the finish line: 1, of which 0 without a token\n"));
  CHECK(Has(
      table,
      "  Drain               0.5 s after the line, 5 tokens; of those in flight 1 completed, 0 cancelled,"));
  CHECK(Has(table, "  Ramp-up             1.0 s until every user was active;"));
  CHECK(Has(table, "  Failures            overload 1 (HTTP 429: 0, HTTP 503: 1), for example: busy\n"));
  CHECK(Has(table, "  Token counts        output from usage (8 requests); input from usage (8 requests)\n"));
  CHECK(Has(table, "  Arrival instants    clock: kernel; upper bound only for 0.0 % of 160 events\n"));
  CHECK(Has(table, "  Verdict             VALID"));
  CHECK_FALSE(Has(table, "SIMULATED"));
  CHECK_FALSE(Has(table, "Cost"));
}

TEST_CASE("Every user's requests are listed, and they add up", "[report][race_table]") {
  const std::string table = FormatRaceTable(MadeReport());
  CHECK(Has(table, "  Users               2 users, 9 requests; per user 4 to 5, median 4.5\n"));
  CHECK(Has(table,
            "    user 0: 5 requests, mean TTFT 100.0 ms        user 1: 4 requests, 1 failed, mean TTFT 100.0 "
            "ms\n"));
}

TEST_CASE("Many users are listed by their counts", "[report][race_table]") {
  RunMetricsBuilder builder;
  for (int user = 0; user < 80; ++user) {
    for (int i = 0; i <= user % 3; ++i) builder.OnRecord(MakeSteady(i * 1s, 5, 100ms, user));
  }
  RaceReport report = MadeReport();
  report.metrics = builder.Build();
  const std::string table = FormatRaceTable(report);
  int64_t sum = 0;
  std::istringstream words(table.substr(table.find("requests as user:count")));
  for (std::string word; words >> word;) {
    const size_t colon = word.find(':');
    if (colon != std::string::npos && colon + 1 < word.size() && std::isdigit(word[0]) != 0)
      sum += std::stoll(word.substr(colon + 1));
  }
  CHECK(sum == report.metrics.requests);
}

TEST_CASE("A simulated race says so at the top", "[report][race_table]") {
  RaceReport report = MadeReport();
  report.is_simulated = true;
  CHECK(Has(FormatRaceTable(report), "\nSIMULATED: "));
}

TEST_CASE("A suspect race gives its reasons", "[report][race_table]") {
  RaceReport report = MadeReport();
  report.health.loop_cpu_share = 0.99;
  report.validity = JudgeValidity(report.health);
  const std::string table = FormatRaceTable(report);
  CHECK(Has(table, "SUSPECT"));
  CHECK(Has(table, "99.0 %"));
  report.validity.reset();
  CHECK(Has(FormatRaceTable(report), "  Verdict             not judged\n"));
}

TEST_CASE("Costs are shown when there was a price", "[report][race_table]") {
  RaceReport report = MadeReport();
  report.metrics.output_tokens = 1'000'000;
  report.metrics.elapsed = 400s;
  report.cost = CostOf(MicroUsd::FromUsd(1.47), report.metrics);
  CHECK(Has(FormatRaceTable(report), "  Cost                at $1.47 per hour: $0.163 per 1M output tokens"));
}

TEST_CASE("Gaps between events are not passed off as gaps between tokens", "[report][race_table]") {
  RunMetricsBuilder builder;
  RequestRecord record = MakeSteady(0s, 100, 100ms);
  record.output_tokens.tokens = 300;
  builder.OnRecord(record);
  RaceReport report;
  report.metrics = builder.Build();
  const std::string table = FormatRaceTable(report);
  CHECK(Has(table, "33 % of the counted tokens (3.00 tokens per event)"));
}

TEST_CASE("Nothing at all is still a block without numbers that do not exist", "[report][race_table]") {
  const std::string table = FormatRaceTable(RaceReport());
  CHECK(Has(table, "  Avg Throughput:     -\n"));
  CHECK(Has(table, "  Success Rate:       -\n"));
  CHECK(Has(table,
            "    TTFT                          -            -            -            -            -         "
            "   0\n"));
  CHECK(Has(table, "  Ended               the run was cut"));
  CHECK_FALSE(Has(table, "nan"));
}

TEST_CASE("The block fits into 100 columns", "[report][race_table]") {
  RaceReport report = MadeReport();
  report.is_simulated = true;
  report.model =
      "organisation/a-very-long-model-name-with-many-parts-and-a-quantisation-suffix-AWQ-INT4-calibrated";
  report.metrics.failures[0].sample_message = std::string(300, 'm') + "\nsecond line";
  report.health.loop_cpu_share = 0.99;
  report.health.wall_clock_steps = 3;
  report.validity = JudgeValidity(report.health);
  report.notes = {
      "a note with a good many words, so that it has to be broken into two lines when it is put into the "
      "block"};
  for (const std::string& line : Lines(FormatRaceTable(report))) {
    CAPTURE(line);
    CHECK((ScreenWidth(line) <= 100 || line.find(' ', 30) == std::string::npos));
  }
}
