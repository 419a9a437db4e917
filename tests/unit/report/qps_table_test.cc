#include "llmdyno/report/qps_table.h"

#include <sstream>

#include "made_serving.h"
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

// Without the line breaks of long sentences.
std::string Unwrapped(const std::string& text) {
  std::string words;
  std::istringstream in(text);
  for (std::string word; in >> word;) words += (words.empty() ? "" : " ") + word;
  return words;
}

// 100 requests at 10/s: TTFT 100 ms, 20 tokens, 20 ms apart: E2E 100 + 19 * 20 = 480 ms, 20 / 0.48 s = 41.7
// tokens/s.
ServingReport Plain() { return MadeServingReport({MadeLevel({})}); }

}  // namespace

TEST_CASE("The QPS table has the columns, widths and formats of the reference systems",
          "[report][qps_table]") {
  const auto lines = Lines(FormatQpsTable(Plain()));
  REQUIRE(lines.size() > 6);
  CHECK(lines[0] == std::string(80, '='));
  CHECK(lines[1] == "QPS BENCHMARK RESULTS");
  CHECK(lines[2] == std::string(80, '='));
  CHECK(
      lines[3] ==
      "QPS Target   Actual QPS   Success%   TTFT P50(s)  TTFT P95(s)  TTFT P99(s)  E2E P50(s)   E2E P95(s)   "
      "E2E P99(s)   Tok/s P50    Tok/s P95    Tok/s P99    n         ");
  CHECK(lines[4] == std::string(lines[3].size(), '-'));
  CHECK(
      lines[5] ==
      "10.0         10.00        100.0      0.100        0.100        0.100        0.480        0.480        "
      "0.480        41.7         41.7         41.7         100       ");
}

TEST_CASE("The percentiles asked for are the columns shown", "[report][qps_table]") {
  ServingReport report = Plain();
  report.percentiles = {90, 99.9};
  const auto lines = Lines(FormatQpsTable(report));
  CHECK(Has(lines[3], "TTFT P90(s)  TTFT P99.9(s) E2E P90(s)"));
  CHECK_FALSE(Has(lines[3], "P50"));
}

TEST_CASE("A cost column appears when a cost was computed, and says N/A where there is none",
          "[report][qps_table]") {
  CHECK_FALSE(Has(FormatQpsTable(Plain()), "$/M Tokens"));
  ServingReport report = MadeServingReport({MadeLevel({}), MadeLevel({.target = 20, .failed = 100})});
  AddGpuCost(report);
  const auto lines = Lines(FormatQpsTable(report));
  CHECK(Has(lines[3], "Tok/s P99    $/M Tokens   n"));
  // 2 GPUs * $2.30 * 10.38 s / 3600 = $0.013263; over 100 * (10 + 20) tokens: $4.4211 per million.
  CHECK(Has(lines[5], "41.7         $4.4211      100"));
  CHECK(Has(lines[6], "-            N/A          0"));
}

TEST_CASE("Percentiles of few requests are marked and the columns stay where they are",
          "[report][qps_table]") {
  const std::string table = FormatQpsTable(MadeServingReport({MadeLevel({.requests = 10})}));
  const auto lines = Lines(table);
  CHECK(lines[5].starts_with(
      "10.0         10.00        100.0      0.100        0.100~       0.100~       0.480        0.480~"));
  CHECK(lines[5].size() == lines[3].size());
  CHECK(Has(table, "\n~ too few requests for this percentile to mean much\n"));
  CHECK_FALSE(Has(FormatQpsTable(Plain()), "~"));
}

TEST_CASE("A level without a success has dashes and no odd number", "[report][qps_table]") {
  const std::string table = FormatQpsTable(MadeServingReport({MadeLevel({.failed = 100})}));
  CHECK(
      Lines(table)[5] ==
      "10.0         10.00        0.0        -            -            -            -            -            "
      "-            -            -            -            0         ");
  CHECK_FALSE(Has(table, "nan"));
}

TEST_CASE("A rate that one decimal would falsify is shown with more", "[report][qps_table]") {
  CHECK(Lines(FormatQpsTable(MadeServingReport({MadeLevel({.target = 0.25})})))[5].starts_with("0.25 "));
}

TEST_CASE("The errors of a level are listed below the table, the most frequent first",
          "[report][qps_table]") {
  ServingReport report = MadeServingReport({MadeLevel({.failed = 20})});
  report.levels[0].metrics.errors = {{"HTTP 503", 15}, {"Timeout", 5}};
  report.levels[0].metrics.status_codes = {{200, 80}, {503, 15}};
  CHECK(Has(FormatQpsTable(report),
            "\nQPS 10.0 - Errors (20 total):\n  - HTTP 503: 15 occurrences\n  - Timeout: 5 occurrences\n"
            "  Status codes: 200: 80, 503: 15\n  for example (overload): busy\n"));
  CHECK_FALSE(Has(FormatQpsTable(Plain()), "Errors"));
}

TEST_CASE("Late sends are a warning, for the table's latencies do not contain them", "[report][qps_table]") {
  const std::string table = FormatQpsTable(MadeServingReport({MadeLevel({.late = 50ms})}));
  CHECK(Has(table, "WARNING: counted from the schedule"));
  CHECK(Has(Unwrapped(table), "is 0.150 s instead of 0.100 s"));
  // 50 ms late, all of them.
  CHECK(Has(table, "50000              50000        50000"));
  CHECK_FALSE(
      Has(FormatQpsTable(MadeServingReport({MadeLevel({.late = 1ms})})), "counted from the schedule"));
}

TEST_CASE("Requests without usage are said beside the cost that they are not in", "[report][qps_table]") {
  ServingReport report = MadeServingReport({MadeLevel({.has_usage = false})});
  AddGpuCost(report);
  const std::string table = FormatQpsTable(report);
  CHECK(Has(Unwrapped(table), "100.0 % of the requests came without usage"));
  CHECK(Has(table, "WARNING: 100.0 % of the successful requests (100) came without usage"));
  CHECK(Has(table, "N/A"));
}

TEST_CASE("A price at less than 95 % success carries its caveat", "[report][qps_table]") {
  ServingReport report = MadeServingReport({MadeLevel({.failed = 20})});
  AddGpuCost(report);
  CHECK(Has(FormatQpsTable(report), "WARNING: the price holds for 80.0 % success"));
}

TEST_CASE("Throughput, rates and send errors are shown with or without a price", "[report][qps_table]") {
  const std::string table = FormatQpsTable(Plain());
  // 2000 output and 1000 input tokens in 9.9 + 0.48 s.
  CHECK(Has(table, "10.0         10.00        10.00        9.63         192.7        289.0        0 "));
  CHECK(Has(table, "Offered/s    Sent/s       Completed/s  Out tok/s    Total tok/s  Send error us P50"));
}

TEST_CASE("Goodput and a missed SLO are said per level", "[report][qps_table]") {
  ServingReport report = MadeServingReport({MadeLevel({.slower = 10ms}, Goodput{.ttft = 595ms})});
  report.levels[0].slo =
      SloJudgement{.met = false, .misses = {{"ttft_p99<500ms", 812.0, "ttft_p99 was 812 ms, limit 500 ms"}}};
  const std::string table = FormatQpsTable(report);
  // TTFT of 100, 110, 120 ... ms: the first 50 are at most 590.
  CHECK(Has(table, "goodput: 50 of 100 requests met every goal"));
  CHECK(Has(table, "SLO missed: ttft_p99 was 812 ms, limit 500 ms"));
  CHECK(Has(table, "Good/s"));
}

TEST_CASE("A suspect client and a simulated endpoint are said at once", "[report][qps_table]") {
  ServingReport report = Plain();
  CHECK_FALSE(Has(FormatQpsTable(report), "SIMULATED"));
  CHECK_FALSE(Has(FormatQpsTable(report), "SUSPECT"));
  report.is_simulated = true;
  report.levels[0].health.loop_cpu_share = 0.99;
  report.levels[0].validity = JudgeValidity(report.levels[0].health);
  const std::string table = FormatQpsTable(report);
  CHECK(table.starts_with("SIMULATED: "));
  CHECK(Has(table, "SUSPECT: read why"));
  CHECK(Has(table, "99.0 %"));
  CHECK(Has(FormatQpsSummary(report), "SUMMARY (SIMULATED)"));
  CHECK(Has(FormatQpsSummary(report), ", SUSPECT\n"));
  CHECK(Has(table, "Arrival instants    clock: kernel"));
}

TEST_CASE("The summary grades each level as the reference systems do", "[report][qps_table]") {
  ServingReport report =
      MadeServingReport({MadeLevel({.target = 5}), MadeLevel({.target = 10, .failed = 5}),
                         MadeLevel({.target = 20, .failed = 20}), MadeLevel({.target = 40, .failed = 60})});
  report.skipped_targets = {80};
  report.skip_reason = "success 40.0 % at 40 requests/s is below 50 %";
  const std::string summary = FormatQpsSummary(report);
  // 3000 tokens in 19.8 + 0.48 s.
  CHECK(Has(summary, "\nQPS 5.0: PASS - 100.0% success, 148 total tok/s\n"));
  CHECK(Has(summary, "\nQPS 10.0: PASS - 95.0% success"));
  CHECK(Has(summary, "\nQPS 20.0: DEGRADED - 80.0% success"));
  CHECK(Has(summary, "\nQPS 40.0: FAIL - 40.0% success"));
  CHECK(Has(summary, "\nQPS 80.0: SKIPPED - success 40.0 % at 40 requests/s is below 50 %\n"));
  AddGpuCost(report);
  CHECK(Has(FormatQpsSummary(report), "148 total tok/s, $8.64/M\n"));
}

TEST_CASE("The summary recommends shares of the highest level that held", "[report][qps_table]") {
  ServingReport report = MadeServingReport({MadeLevel({.target = 5}), MadeLevel({.target = 10, .failed = 3}),
                                            MadeLevel({.target = 20, .failed = 20})});
  const std::string summary = FormatQpsSummary(report);
  CHECK(Has(summary, "Highest level with success >= 99 %:     5.0 requests/s\n"));
  CHECK(Has(summary, "Highest level with success >= 95 %:     10.0 requests/s\n"));
  CHECK(Has(summary, "70 / 80 / 90 %:                         3.5 / 4.0 / 4.5\n"));
  CHECK(Has(summary,
            "Saturation:                             20.0 requests/s: success 80.0 % at 20 requests/s\n"));
  CHECK(Has(FormatQpsSummary(Plain()), "Saturation:                             not reached\n"));
  const std::string failed = FormatQpsSummary(MadeServingReport({MadeLevel({.failed = 100})}));
  CHECK(Has(failed, "Recommended for production:             none of these levels\n"));
}

TEST_CASE("A level with a growing queue passes by its success, and the summary says but",
          "[report][qps_table]") {
  const ServingReport report =
      MadeServingReport({MadeLevel({}), WithGrowingQueue(MadeLevel({.target = 80}))});
  const std::string summary = FormatQpsSummary(report);
  CHECK(Has(summary, "\nQPS 10.0: PASS - 100.0% success, 289 total tok/s\n"));
  CHECK(Has(summary, "\nQPS 80.0: PASS - 100.0% success"));
  CHECK(Has(summary, " tok/s, but a queue grew (answers came later by 310 ms in every second)\n"));
  CHECK(Has(summary, "Saturation:                             80.0 requests/s: a queue grew"));
  CHECK(Has(summary, "(70 to 80 % of 10.0 requests/s)"));
  CHECK(Has(FormatQpsTable(report), "WARNING: a queue grew"));
  CHECK(Has(FormatLevelLine(report, report.levels[1]), ", but a queue grew"));
}

TEST_CASE("A level that is too short to see a queue says so, and is no saturation", "[report][qps_table]") {
  const ServingReport report = MadeServingReport({TooShort(MadeLevel({}))});
  CHECK(
      Has(Unwrapped(FormatQpsTable(report)),
          "too short to tell whether a queue grew: requests were sent for 3.0 s, less than twice the median "
          "latency of 7.0 s; try a longer --duration"));
  const std::string summary = FormatQpsSummary(report);
  CHECK(Has(summary, "Saturation:                             not reached\n"));
  CHECK(Has(summary, "doubtful: 10 requests/s was too short to tell"));
  CHECK_FALSE(Has(summary, "but a queue"));
  const ServingReport beyond =
      MadeServingReport({MadeLevel({}), TooShort(MadeLevel({.target = 20, .first_token = 700ms}))});
  CHECK(Has(FormatQpsSummary(beyond), "not reached; 20.0 requests/s was too short to tell\n"));
}

TEST_CASE("The trials of a search are listed as trials and graded by nobody", "[report][qps_table]") {
  ServingReport report = MadeServingReport(
      {MadeLevel({}), WithGrowingQueue(MadeLevel({.target = 23.13})), MadeLevel({.target = 12.37})});
  report.targets.clear();
  report.capacity_trials = {{.load = 10, .sustained = true, .reason = "success 100.0 %"},
                            {.load = 23.13, .sustained = false, .reason = "a queue grew (by much)"},
                            {.load = 12.37, .sustained = true, .reason = "success 100.0 %"}};
  report.capacity = CapacityAnswer{.load = 12.37, .failed_at = 23.13, .trials_at_load = 1};
  report.recommendation->base = 12.37;
  report.recommendation->at_70 = 0.7 * 12.37;
  report.recommendation->at_80 = 0.8 * 12.37;
  report.recommendation->at_90 = 0.9 * 12.37;
  const std::string summary = FormatQpsSummary(report);
  CHECK_FALSE(Has(summary, "PASS"));
  CHECK_FALSE(Has(summary, "SLO"));
  CHECK(Has(summary, "\nbracket 23.13 requests/s    not sustained: a queue grew (by much)\n"));
  // 8.659, 9.896 and 11.133: four digits.
  CHECK(Has(summary, "70 / 80 / 90 %:                         8.659 / 9.896 / 11.13\n"));
  CHECK_FALSE(Has(FormatQpsTable(report), "WARNING: a queue grew"));
}

TEST_CASE("Complete usage is said once for all levels", "[report][qps_table]") {
  ServingReport report = MadeServingReport({MadeLevel({}), MadeLevel({.target = 20})});
  CHECK_FALSE(Has(FormatQpsTable(report), "came with usage"));
  AddGpuCost(report);
  const std::string table = FormatQpsTable(report);
  CHECK_FALSE(Has(table, "without usage"));
  const size_t first = table.find("every successful request came with usage");
  CHECK(first != std::string::npos);
  CHECK(table.find("came with usage", first + 40) == std::string::npos);
}

TEST_CASE("The summary says how sure the capacity is, and what production would cost",
          "[report][qps_table]") {
  ServingReport report = Plain();
  report.capacity = CapacityAnswer{.load = 10,
                                   .failed_at = 10.3,
                                   .trials_at_load = 3,
                                   .sustain_probability_at_least = 0.368,
                                   .sentence = "10 was sustained"};
  report.plan = ProductionPlan{.tokens_per_day = 100e6,
                               .tokens_per_second_needed = 1157.4,
                               .tokens_per_second_per_machine = 600,
                               .machines = 2,
                               .gpus = 4,
                               .usd_per_day = 220.8,
                               .usd_per_million_tokens = 2.208};
  const std::string summary = FormatQpsSummary(report);
  CHECK(Has(summary, "Highest sustained load:                 10.0 requests/s\n"));
  CHECK(Has(summary, "3 trials at this load, all sustained: it is sustained at least 37 % of the time"));
  CHECK(Has(summary, "Lowest load that was not sustained:     10.3 requests/s\n"));
  CHECK(Has(summary, "Machines:                               2 machines (4 GPUs)\n"));
  CHECK(Has(summary, "$220.80 a day, $2.21 per 1M tokens\n"));
}

TEST_CASE("A closed loop's levels are users", "[report][qps_table]") {
  ServingReport report = Plain();
  report.load_kind = LoadKind::kUsers;
  report.levels[0].target = 80;
  CHECK(Has(FormatQpsTable(report), "\nUsers        Actual QPS "));
  CHECK(Lines(FormatQpsTable(report))[5].starts_with("80           9.63 "));
  CHECK(Has(FormatQpsSummary(report), "\n80 users: PASS"));
}

TEST_CASE("A level's line comes when it ends, a trial's when it is judged", "[report][qps_table]") {
  const ServingReport report = MadeServingReport({MadeLevel({}), MadeLevel({.target = 20})});
  CHECK(FormatLevelLine(report, report.levels[1]) ==
        "level 2 of 2: 20.0 requests/s: 100 requests, 100.0 % success, TTFT p50 100 ms, p99 100 ms, E2E p50 "
        "480 ms, "
        "368 output tok/s\n");
  CHECK(FormatTrialLine({.load = 23.5, .sustained = false, .reason = "success 88.0 %"}, LoadKind::kRate) ==
        "bracket 23.5 requests/s     not sustained: success 88.0 %\n");
}

TEST_CASE("A benchmark that was interrupted in its first level is still a table", "[report][qps_table]") {
  const std::string table = FormatQpsTable(MadeServingReport({}));
  CHECK(Has(table, "No level was run to its end."));
  CHECK(Has(FormatQpsSummary(MadeServingReport({})), "SUMMARY"));
}
