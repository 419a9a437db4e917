// What llmdyno-sweep writes: C10, C22 to C25, C27 to C30, C36 to C38, C41, G15, G16.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "5ms", "--itl", "2ms"};

double Seconds(const Json& record, const char* from, const char* to) {
  return (record[to].get<double>() - record[from].get<double>()) / 1e9;
}

}  // namespace

// C22, C23, C24, C27: from the records, by the formulas and without the product's code.
TEST_CASE("The figures of a level follow from its records by the documented formulas", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run = RunSweep(
      scratch, sim, {"--scenario", "D(20,12)", "--batch-sizes", "4", "--num-runs", "3", "--ignore-eos"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  std::vector<double> ttft;
  std::vector<double> decode;
  std::vector<double> tpot;
  std::vector<double> speed;
  std::vector<double> combined;
  std::vector<double> total;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const std::vector<Json> records = run.Records(0, repeat);
    REQUIRE(records.size() == 4);
    double sum = 0;
    double start = 1e300;
    double end = 0;
    for (const Json& record : records) {
      ttft.push_back(Seconds(record, "started_ns", "first_text_ns"));
      decode.push_back(Seconds(record, "started_ns", "last_text_ns") - ttft.back());
      tpot.push_back(decode.back() / 11);
      speed.push_back(11 / decode.back());
      sum += speed.back();
      start = std::min(start, record["scheduled_ns"].get<double>());
      end = std::max(end, record["ended_ns"].get<double>());
    }
    combined.push_back(sum);
    total.push_back((end - start) / 1e9);
  }
  const Json& level = run.Level("4");
  CHECK(level["prefill_metrics"]["ttft"]["mean"].get<double>() == Approx(Mean(ttft)));
  CHECK(level["decode_metrics"]["decode_time"]["mean"].get<double>() == Approx(Mean(decode)));
  CHECK(level["decode_metrics"]["tpot"]["mean"].get<double>() == Approx(Mean(tpot)));
  CHECK(level["decode_metrics"]["output_throughput"]["mean"].get<double>() == Approx(Mean(speed)));
  CHECK(level["batch_metrics"]["combined_throughput"]["mean"].get<double>() == Approx(Mean(combined)));
  CHECK(level["timings"]["batch_total_seconds"]["mean"].get<double>() == Approx(Mean(total)).epsilon(1e-3));
  CHECK(level["batch_metrics"]["batch_duration"] == level["timings"]["batch_total_seconds"]);
  CHECK(level["prefill_metrics"]["ttft"]["n"] == 12);
  CHECK(level["batch_metrics"]["combined_throughput"]["n"] == 3);
  double squares = 0;
  for (const double value : ttft) squares += (value - Mean(ttft)) * (value - Mean(ttft));
  CHECK(level["prefill_metrics"]["ttft"]["std"].get<double>() == Approx(std::sqrt(squares / 11)));
}

// C10, C28
TEST_CASE("The results have the keys that plotting scripts know", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const std::string dataset = DatasetOf(scratch, {"one row", "two rows"});
  const SweepRun run = RunSweep(scratch, sim,
                                {"--scenario", "N(20,5)/(8,0)", "--dataset-config", dataset, "--batch-sizes",
                                 "1,2", "--num-runs", "2", "--description", "what it is"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const Json& metadata = run.json["metadata"];
  for (const char* key : {"timestamp", "model", "scenario", "dataset_config", "api_base", "batch_sizes",
                          "num_runs", "warmup_runs", "temperature", "description", "seed"}) {
    INFO(key);
    CHECK(metadata.contains(key));
  }
  CHECK(metadata["dataset_config"] == Json::parse(ReadFile(dataset)));
  CHECK(metadata["scenario"] == "N(20,5)/(8,0)");
  CHECK(metadata["batch_sizes"] == Json({1, 2}));
  CHECK(metadata["temperature"] == 0.7);
  for (const char* key : {"1", "2"}) {
    const Json& level = run.Level(key);
    for (const auto& [group, leaves] : std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"tokens", {"input_per_request", "output_per_request"}},
             {"timings", {"batch_total_seconds", "fastest_seconds", "slowest_seconds", "spread_seconds"}},
             {"prefill_metrics", {"ttft", "input_throughput"}},
             {"decode_metrics", {"output_throughput", "tpot", "decode_time"}},
             {"batch_metrics", {"combined_throughput", "batch_duration"}}}) {
      for (const std::string& leaf : leaves) {
        INFO(group << " " << leaf);
        CHECK(level.at(group).at(leaf).at("mean").is_number());
        CHECK(level.at(group).at(leaf).at("std").is_number());
      }
    }
    CHECK(level["reliability"]["success_rate"] == 100.0);
  }
}

// C25, C30, B12
TEST_CASE("Failures are counted by class and keep out of the figures", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms", "--itl", "1ms", "--fail", "503:0.3", "--no-usage"});
  const SweepRun run =
      RunSweep(scratch, sim, {"--scenario", "D(10,4)", "--batch-sizes", "60", "--num-runs", "2"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const Json& level = run.Level("60");
  const Json& reliability = level["reliability"];
  const int failed = reliability["failed_requests"];
  CHECK(reliability["total_requests"] == 120);
  CHECK(failed > 10);
  CHECK(reliability["successful_requests"] == 120 - failed);
  CHECK(reliability["failure_rate"].get<double>() == Approx(failed / 1.2));
  CHECK(level["prefill_metrics"]["ttft"]["n"] == 120 - failed);
  CHECK(Contains(level["token_count_sources"].dump(), "events"));
  CHECK(Contains(level["failures"].dump(), "overload"));
}

TEST_CASE("A request that is not finished in time is a timeout", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--stall", "1"});
  const SweepRun run = RunSweep(
      scratch, sim, {"--scenario", "D(10,4)", "--batch-sizes", "2", "--num-runs", "1", "--timeout", "300ms"});
  INFO(run.Said());
  CHECK(run.exit == 3);  // not one success
  CHECK(run.Level("2")["reliability"]["successful_requests"] == 0);
  CHECK(run.Level("2")["prefill_metrics"]["ttft"]["mean"].is_null());
  CHECK(Contains(run.Level("2")["failures"].dump(), "timeout"));
}

// C29
TEST_CASE("The key is really sent, and is in no file", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms", "--itl", "1ms", "--require-key", "sk-very-secret"});
  const Arguments scenario = {"--scenario", "D(10,4)", "--batch-sizes", "1", "--num-runs", "1"};
  Arguments with_key = scenario;
  with_key.insert(with_key.end(), {"--api-key", "sk-very-secret"});
  const SweepRun run = RunSweep(scratch, sim, with_key);
  INFO(run.Said());
  CHECK(run.exit == 0);
  for (const auto& [path, text] : AllFiles(scratch.path())) {
    INFO(path);
    CHECK_FALSE(Contains(text, "sk-very-secret"));
  }
  const Scratch other;
  const SweepRun without = RunSweep(other, sim, scenario);
  CHECK(without.exit == 3);
  CHECK(Contains(without.err, "401"));
}

// C36
TEST_CASE("Steady state and time series tell the busy time apart", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "20ms", "--itl", "10ms", "--lockstep"});
  const SweepRun run = RunSweep(
      scratch, sim, {"--scenario", "D(10,100)", "--batch-sizes", "4", "--num-runs", "1", "--ignore-eos"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const Json& level = run.Level("4");
  // Four streams of a token each 10 ms.
  CHECK(level["steady_state"]["window_tokens_per_second"]["mean"].get<double>() == Approx(400).epsilon(0.15));
  const Json& tokens = level["time_series"]["output_tokens_per_bucket"];
  double sum = 0;
  for (const Json& value : tokens) sum += value.get<double>();
  CHECK(sum == Approx(400));
}

// C37, C38
TEST_CASE("Reasoning shows as the time between first token and first output, extras are summed up",
          "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "5ms", "--itl", "5ms", "--reasoning", "10", "--extras"});
  const SweepRun run = RunSweep(
      scratch, sim, {"--scenario", "D(40,30)", "--batch-sizes", "2", "--num-runs", "1", "--ignore-eos"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const Json& level = run.Level("2");
  const double ttft = level["prefill_metrics"]["ttft"]["mean"];
  const double ttfo = level["prefill_metrics"]["ttfo"]["mean"];
  CHECK(ttfo > ttft + 0.04);
  const Json& extras = level["usage_extras"];
  INFO(extras.dump());
  CHECK(extras["reasoning_tokens"]["total"] == 20);
  CHECK(extras["cached_tokens"]["cache_hit_rate"].get<double>() == Approx(0.25));
  CHECK(extras["cost"]["total"].get<double>() > 0);
  CHECK(extras["finish_reasons"]["length"] == 2);
  CHECK(extras["providers"].size() == 1);
}

// C41, X01
TEST_CASE("An interrupted sweep keeps its levels, and resumes with those that are missing", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "50ms", "--itl", "20ms"});
  const Arguments flags = SweepFlags(
      sim.url(), {"--scenario", "D(10,10)", "--batch-sizes", "1,2,3,4", "--num-runs", "2", "--ignore-eos"});
  const auto process = StartSweep(scratch, "sweep", flags);
  const std::string results = scratch.path() + "/out.json";
  REQUIRE(Eventually([&] {
    if (!std::filesystem::exists(results)) return false;
    const Json json = Json::parse(ReadFile(results), nullptr, false);
    return json.is_object() && json.contains("results") && json["results"].contains("2");
  }));
  process->Signal(SIGINT);
  const SweepRun cut = FinishSweep(*process, scratch);
  INFO(cut.Said());
  CHECK(cut.exit == 130);
  REQUIRE(cut.json["results"].contains("1"));
  CHECK(cut.Level("1")["reliability"]["total_requests"] == 2);

  Arguments again = flags;
  again.emplace_back("--resume");
  const Json first = cut.Level("1");
  const SweepRun resumed = FinishSweep(*StartSweep(scratch, "sweep", again), scratch);
  INFO(resumed.Said());
  CHECK(resumed.exit == 0);
  CHECK(resumed.json["results"].size() == 4);
  CHECK(resumed.Level("1") == first);
  CHECK(resumed.Level("4")["reliability"]["successful_requests"] == 8);
  CHECK(resumed.json["metadata"]["run_id"] == cut.json["metadata"]["run_id"]);

  Arguments other = again;
  other[std::find(other.begin(), other.end(), "D(10,10)") - other.begin()] = "D(11,10)";
  const SweepRun refused = FinishSweep(*StartSweep(scratch, "sweep", other), scratch);
  CHECK(refused.exit == 2);
  CHECK(Contains(refused.err, "scenario"));
}

TEST_CASE("An interrupt does not wait until requests are prepared", "[apps]") {
  for (const Arguments& what :
       {Arguments{"--scenario", "D(100000,4)"}, Arguments{"--scenario", "I(2048,2048)"},
        Arguments{"--num-images", "1", "--image-size", "2048"}}) {
    const Scratch scratch;
    SimProcess sim(kQuick);
    Arguments flags = {"--batch-sizes", "1,250,251", "--num-runs", "1"};
    flags.insert(flags.end(), what.begin(), what.end());
    const auto process = StartSweep(scratch, "sweep", SweepFlags(sim.url(), flags));
    const std::string results = scratch.path() + "/out.json";
    REQUIRE(Eventually([&] {
      if (!std::filesystem::exists(results)) return false;
      const Json json = Json::parse(ReadFile(results), nullptr, false);
      return json.is_object() && json["results"].contains("1");
    }));
    process->Signal(SIGINT);
    const SweepRun cut = FinishSweep(*process, scratch);
    INFO(cut.Said());
    CHECK(cut.exit == 130);
    CHECK(cut.json["results"].size() == 1);
    CHECK(cut.json["metadata"]["skipped_levels"] == Json({"250", "251"}));
    CHECK(cut.json["metadata"]["skip_reason"] == "interrupted");
  }
}

TEST_CASE("Without resume an earlier result is kept under another name", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const Arguments flags = {"--scenario", "D(10,3)", "--batch-sizes", "1", "--num-runs", "1"};
  REQUIRE(RunSweep(scratch, sim, flags).exit == 0);
  const std::string first = ReadFile(scratch.path() + "/out.json");
  const SweepRun second = RunSweep(scratch, sim, flags);
  CHECK(second.exit == 0);
  CHECK(ReadFile(scratch.path() + "/out-2.json") == first);
  CHECK(Contains(second.err, "out-2.json"));
}

TEST_CASE("A result and the log of the same name are of the same sweep", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const auto sweep = [&](const std::string& scenario, const std::string& sizes, bool resume) {
    Arguments flags = {"--scenario", scenario, "--batch-sizes", sizes, "--num-runs", "1"};
    if (resume) flags.emplace_back("--resume");
    REQUIRE(RunSweep(scratch, sim, flags).exit == 0);
  };
  const auto scenario_of = [&](const std::string& log) {
    return JsonLines(ReadFile(scratch.path() + "/" + log)).at(0)["configuration"]["scenario"];
  };
  sweep("D(10,3)", "1", false);
  sweep("D(10,3)", "1,2", true);
  CHECK(scenario_of("out.records-2.jsonl") == "D(10,3)");
  sweep("D(11,3)", "1", false);
  sweep("D(12,3)", "1", false);
  CHECK(scenario_of("out-2.records.jsonl") == "D(10,3)");
  CHECK(scenario_of("out-2.records-2.jsonl") == "D(10,3)");
  CHECK(scenario_of("out-3.records.jsonl") == "D(11,3)");
  CHECK(scenario_of("out.records.jsonl") == "D(12,3)");
  CHECK_FALSE(std::filesystem::exists(scratch.path() + "/out.records-2.jsonl"));
}

// G15
TEST_CASE("A grid of shapes has exact lengths and one result for each cell", "[every_kind][apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run = RunSweep(
      scratch, sim, {"--input-lengths", "64,128", "--output-lengths", "8", "--batch-sizes", "1,4"}, "shapes");
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  REQUIRE(run.json["results"].size() == 4);
  const Json& cell = run.Level("in_128_out_8_batch_4");
  CHECK(cell["input_tokens"] == 128);
  CHECK(cell["prefill_time_s"]["p99"].is_number());
  CHECK(cell["tpot_s"]["p50"].is_number());
  CHECK(cell["tokens_per_second"]["mean"].is_number());
  CHECK(cell["output_length_check"]["requests"] == 12);
  CHECK(cell["output_length_check"]["shorter"] == 0);
  for (const Json& request : sim.StopAndReadLog()) {
    const int tokens = request["prompt_tokens"];
    CHECK((tokens == 64 || tokens == 128));
    CHECK(BodyOf(request)["ignore_eos"] == true);
    CHECK(BodyOf(request)["min_tokens"] == 8);
  }
}

// G16
TEST_CASE("A cell whose answers are of another length is flagged", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms", "--itl", "1ms", "--short"});
  const SweepRun run =
      RunSweep(scratch, sim, {"--input", "32", "--output", "8", "--batch", "2", "--num-runs", "1"}, "shapes");
  INFO(run.Said());
  CHECK(run.Level("in_32_out_8_batch_2")["output_length_check"]["shorter"] == 2);
  CHECK(run.Level("in_32_out_8_batch_2")["output_length_ok"] == false);
  CHECK(Contains(Unwrapped(run.out), "length"));
}

}  // namespace llmdyno
