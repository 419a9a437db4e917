// Runs that are repeated, and the error of this machine beside the numbers.
#include <set>

#include "apps/sweep_runs.h"
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

TEST_CASE("A race that is repeated keeps each race apart and shows the median one",
          "[every_kind][apps][repeat]") {
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

TEST_CASE("Levels that are repeated show the median run and the spread", "[every_kind][apps][repeat]") {
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

TEST_CASE("A serving benchmark that is repeated shows the median run and the spread",
          "[every_kind][apps][repeat]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const Finished serve = RunServe(
      scratch, ServeFlags(sim, {"--dataset-name", "random", "--random-input-len", "10", "--random-output-len",
                                "12", "--num-prompts", "30", "--request-rate", "100", "--repeat", "3",
                                "--save-result", "--result-filename", "serve.json"}));
  INFO(serve.out << serve.err);
  REQUIRE(serve.exit == 0);
  CHECK(LinesWith(serve.err, "repetition ").size() >= 3);
  CHECK(Contains(serve.out, "the figures are those of"));

  const Json result = Json::parse(ReadFile(scratch.path() + "/serve.json"));
  const Json& own = result["llmdyno"];
  REQUIRE(own["repetitions"].size() == 3);
  const Json& shown = own["repetitions"][own["repetition"].get<size_t>()];
  CHECK(shown["successful_requests"] == result["completed"]);
  CHECK(shown["output_tokens_per_s"] == result["output_throughput"]);
  std::vector<double> rates;
  for (const Json& each : own["repetitions"]) {
    CHECK(each["total_requests"] == 30);
    rates.push_back(each["output_tokens_per_s"]);
  }
  std::sort(rates.begin(), rates.end());
  CHECK(result["output_throughput"] == rates[1]);
  CHECK(own["spread"]["output_tokens_per_s"]["runs"] == 3);
  CHECK(own["spread"]["ttft_ms"]["samples"] == 90);
}

TEST_CASE("The runs of a sweep's level have a spread, one run has none", "[every_kind][apps][repeat]") {
  const SimProcess sim(kQuick);
  const Arguments flags = {"--scenario", "D(20,10)", "--batch-sizes", "2,4"};
  const Scratch several;
  const SweepRun sweep = RunSweep(several, sim, With(flags, {"--num-runs", "3"}));
  INFO(sweep.Said());
  REQUIRE(sweep.exit == 0);
  for (const int size : {2, 4}) {
    const Json& spread = sweep.Level(std::to_string(size))["spread"];
    INFO(spread.dump(1));
    const Json& ttft = spread["ttft_ms"];
    CHECK(ttft["runs"] == 3);
    CHECK(ttft["samples"] == 3 * size);
    // The mean of the runs' means is that of all requests when all runs have as many of them.
    const Json& leaf = sweep.Level(std::to_string(size))["prefill_metrics"]["ttft"];
    CHECK(ttft["mean"].get<double>() == Approx(1000 * leaf["mean"].get<double>()));
    CHECK(ttft["mean_ci95"][0].get<double>() <= ttft["mean"].get<double>());
    CHECK(ttft["mean"].get<double>() <= ttft["mean_ci95"][1].get<double>());
    CHECK(ttft["run_std"].get<double>() >= ttft["between_std"].get<double>());
    CHECK(ttft["within_std"].is_number());
    CHECK(spread["output_tokens_per_s"]["runs"] == 3);
    CHECK(spread["output_tokens_per_s"]["within_std"].is_null());  // a run has one
  }
  const Scratch once;
  const SweepRun single = RunSweep(once, sim, With(flags, {"--num-runs", "1"}));
  REQUIRE(single.exit == 0);
  CHECK_FALSE(single.Level("2").contains("spread"));
}

TEST_CASE("The runs of an embedding benchmark's level have a spread", "[every_kind][apps][repeat]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "2ms"});
  const SweepRun run =
      RunSweep(scratch, sim, {"--batch-sizes", "4", "--sequence-lengths", "10", "--num-runs", "3"}, "embed");
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const Json& level = run.Level("batch_4_seq_10");
  const Json& spread = level["spread"];
  INFO(spread.dump(1));
  CHECK(spread["items_per_s"]["runs"] == 3);
  CHECK(spread["items_per_s"]["mean"].get<double>() ==
        Approx(level["throughput"]["batch_embeddings_per_second"]["mean"].get<double>()));
  CHECK(spread["e2e_ms"]["samples"] == 12);
  CHECK_FALSE(spread.contains("ttft_ms"));  // nothing is streamed
}

TEST_CASE("A self-test is quoted with each level of a sweep and of an embedding benchmark",
          "[apps][selftest_file]") {
  const SimProcess sim(kQuick);
  const Scratch scratch;
  const std::string file = WriteSelftest(scratch, ReadMachine());
  const SweepRun sweep = RunSweep(
      scratch, sim,
      {"--scenario", "D(20,10)", "--batch-sizes", "1,2", "--num-runs", "1", "--selftest-file", file});
  INFO(sweep.Said());
  REQUIRE(sweep.exit == 0);
  for (const char* level : {"1", "2"}) {
    const Json& error = sweep.Level(level)["measurement_error"];
    INFO(error.dump(1));
    for (const char* quantity : {"ttft", "itl", "tpot", "e2e"}) {
      CHECK(error[quantity]["covered"] == true);
      CHECK(error[quantity]["p99_us"] == 12.3);
      CHECK(error[quantity]["tested_concurrency"] == 1000);
    }
  }
  const Scratch of_embed;
  const SweepRun embed =
      RunSweep(of_embed, sim,
               {"--batch-sizes", "2", "--sequence-lengths", "10", "--num-runs", "1", "--selftest-file", file},
               "embed");
  INFO(embed.Said());
  REQUIRE(embed.exit == 0);
  const Json& error = embed.Level("batch_2_seq_10")["measurement_error"];
  CHECK(error.size() == 1);  // nothing is streamed
  CHECK(error["e2e"]["p99_us"] == 12.3);
}

TEST_CASE("A search is not repeated by --repeat", "[apps][repeat]") {
  const Finished qps = RunApp("llmdyno-qps", {"--simulate", "fast", "--find-max", "--repeat", "2"});
  CHECK(qps.exit == 2);
  CHECK(Contains(qps.err, "--find-confirmations"));
}

}  // namespace llmdyno
