// Runs that are repeated, and the error of this machine beside the numbers.
#include <set>

#include "apps/app_runs.h"
#include "llmdyno/base/machine.h"
#include "llmdyno/report/selftest_json.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "4ms", "--itl", "1ms", "--output-tokens", "20"};
const Arguments kShortRace = {"--target-tokens", "800", "--users", "4", "--spawn-rate", "0"};

// The prompts of each repetition, as often as they were sent; in the order of the ids.
std::vector<std::vector<std::string>> PromptsByRun(std::vector<Json> records, size_t runs, size_t first_few) {
  std::sort(records.begin(), records.end(),
            [](const Json& a, const Json& b) { return a["request_id"] < b["request_id"]; });
  std::vector<std::vector<std::string>> prompts(runs);
  for (const Json& record : records) {
    auto& of_run = prompts.at(record.value("run", size_t{0}));
    if (of_run.size() < first_few) of_run.push_back(record["prompt_text"].get<std::string>());
  }
  return prompts;
}

std::string WriteSelftest(const Scratch& scratch, const Machine& machine) {
  SelftestReport report;
  report.machine = machine;
  SelftestLevel level;
  level.concurrency = 1000;
  level.scripted_tokens_per_second = level.tokens_per_second = 1e6;
  for (size_t i = 0; i < kMeasuredQuantities; ++i) level.errors[i] = ErrorFigures{1000, 1, 2, 12.3, 90};
  report.levels = {level};
  return scratch.Write("selftest.json", SelftestJson(report));
}

Arguments With(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

TEST_CASE("A race that is repeated keeps each race apart and shows the median one", "[apps][repeat]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const RaceRun race = RunRace(scratch, sim.RaceFlags(With(kShortRace, {"--repeat", "3", "--save-text"})));
  INFO(race.out << race.err);
  REQUIRE(race.exit == 0);
  CHECK(LinesWith(race.err, "repetition ").size() == 3);
  CHECK(Contains(race.out, "Repetitions         3; the figures are those of repetition "));
  CHECK(Contains(race.out, "Throughput: "));

  const Json& summary = race.files.summary;
  REQUIRE(summary["repetitions"].size() == 3);
  const size_t shown = summary["repetition"].get<size_t>();
  CHECK(summary["metrics"] == summary["repetitions"][shown]["metrics"]);
  std::vector<double> rates;
  for (const Json& each : summary["repetitions"]) rates.push_back(each["metrics"]["output_tokens_per_s"]);
  std::sort(rates.begin(), rates.end());
  CHECK(summary["metrics"]["output_tokens_per_s"] == rates[1]);
  CHECK(summary["spread"]["output_tokens_per_s"]["runs"] == 3);
  CHECK(summary["spread"]["ttft_ms"]["within_std"].is_number());

  const std::vector<Json> records = race.files.Records();
  std::set<int64_t> ids;
  for (const Json& record : records) ids.insert(record["request_id"].get<int64_t>());
  CHECK(ids.size() == records.size());
  // The same requests each time: whoever drew the first ones.
  const auto prompts = PromptsByRun(records, 3, 20);
  REQUIRE(prompts[0].size() == 20);
  CHECK(prompts[1] == prompts[0]);
  CHECK(prompts[2] == prompts[0]);

  // From the log alone the same race is found.
  const Finished show = RunApp("llmdyno-report", {"show", RaceFolder(scratch)});
  INFO(show.out << show.err);
  REQUIRE(show.exit == 0);
  CHECK(Contains(show.out, "the figures are those of repetition " + std::to_string(shown + 1)));
  CHECK(PrintedNumber(show.out, "Output Tokens") == PrintedNumber(race.out, "Output Tokens"));
}

TEST_CASE("A race that is run once has no word about repetitions", "[apps][repeat]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const RaceRun race = RunRace(scratch, sim.RaceFlags(kShortRace));
  REQUIRE(race.exit == 0);
  for (const char* key : {"repetition", "repetitions", "spread", "measurement_error"}) {
    CHECK_FALSE(race.files.summary.contains(key));
  }
  CHECK_FALSE(Contains(race.out + race.err, "epetition"));
}

TEST_CASE("A self-test of this machine is quoted beside the numbers", "[apps][selftest_file]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const std::string file = WriteSelftest(scratch, ReadMachine());
  const RaceRun race = RunRace(scratch, sim.RaceFlags(With(kShortRace, {"--selftest-file", file})));
  INFO(race.out << race.err);
  REQUIRE(race.exit == 0);
  CHECK(Contains(race.out, "Measurement error   TTFT ± 13 us, ITL ± 13 us, TPOT ± 13 us, E2E ± 13 us (p99)"));
  CHECK(race.files.summary["measurement_error"]["ttft"]["p99_us"] == 12.3);
  CHECK(race.files.summary["measurement_error"]["e2e"]["covered"] == true);
  CHECK_FALSE(Contains(race.err, "may not speak for this machine"));
}

TEST_CASE("A self-test of another machine is warned about", "[apps][selftest_file]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  Machine other = ReadMachine();
  other.cores += 100;
  const std::string file = WriteSelftest(scratch, other);
  const RaceRun race = RunRace(scratch, sim.RaceFlags(With(kShortRace, {"--selftest-file", file})));
  REQUIRE(race.exit == 0);
  CHECK(Contains(race.err, "may not speak for this machine"));
}

TEST_CASE("A file that is no self-test is told before anything is sent", "[apps][selftest_file]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const std::string file = scratch.Write("selftest.json", "{}");
  const Finished race = RunRaceOnly(scratch, sim.RaceFlags(With(kShortRace, {"--selftest-file", file})));
  CHECK(race.exit == 2);
  CHECK(Contains(race.err, "--selftest-file: "));
  CHECK(RunRaceOnly(scratch, sim.RaceFlags({"--selftest-file", "/nowhere/selftest.json"})).exit == 2);
  CHECK(sim.StopAndReadLog().empty());
}

TEST_CASE("Levels that are repeated show the median run and the spread", "[apps][repeat]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const std::string dataset = scratch.Write("prompts.jsonl", "{\"prompt\": \"one two three\"}\n");
  const Finished qps = RunApp("llmdyno-qps", {"--endpoint", sim.url(), "--model", "m", "--dataset", dataset,
                                              "--qps", "40,60", "--duration", "1s", "--repeat", "2",
                                              "--plain", "--results-dir", scratch.path() + "/qps"});
  INFO(qps.out << qps.err);
  REQUIRE(qps.exit == 0);
  CHECK(LinesWith(qps.err, "repetition ").size() >= 4);
  CHECK(LinesWith(qps.out, "2 repetitions; the figures are those of").size() == 2);
  Json levels;
  for (const auto& [name, text] : AllFiles(scratch.path() + "/qps")) {
    if (name.ends_with("benchmark_qps_results.json")) levels = Json::parse(text);
  }
  REQUIRE(levels.size() == 2);
  for (const Json& level : levels) {
    REQUIRE(level["repetitions"].size() == 2);
    const Json& shown = level["repetitions"][level["repetition"].get<size_t>()];
    CHECK(shown["completed_qps"] == level["completed_qps"]);
    CHECK(level["spread"]["requests_per_s"]["runs"] == 2);
  }
}

TEST_CASE("A search is not repeated by --repeat", "[apps][repeat]") {
  const Finished qps = RunApp("llmdyno-qps", {"--simulate", "fast", "--find-max", "--repeat", "2"});
  CHECK(qps.exit == 2);
  CHECK(Contains(qps.err, "--find-confirmations"));
}

}  // namespace llmdyno
