// The simple benchmark: B01 to B12.
#include <filesystem>
#include <map>
#include <set>

#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

std::string Questions(const Scratch& scratch, int n) {
  std::string lines;
  for (int i = 0; i < n; ++i) lines += "what is " + std::to_string(i) + " plus one?\n";
  return scratch.Write("questions.txt", lines);
}

}  // namespace

// B01, B05, B06, B07
TEST_CASE("Batches of questions go out whole, with warm-ups before each size", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "30ms", "--itl", "1ms"});
  const SweepRun run = RunSweep(
      scratch, sim,
      {"--dataset_key", Questions(scratch, 9), "--batch_sizes", "1,2,4", "--num_runs", "3", "--warmup_runs",
       "3", "--max_tokens", "8", "--temperature", "0.5", "--n_cores", "4", "--description", "what it was"},
      "simple");
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  CHECK(MostAtOnce(logged) == 4);
  REQUIRE(logged.size() == 3 * (1 + 2 + 4) + 9);
  int warm_ups = 0;
  for (const Json& request : logged) {
    const Json body = BodyOf(request);
    CHECK(body["stream"] == false);
    CHECK(body["temperature"] == 0.5);
    CHECK(body["messages"].size() == 2);
    CHECK(body["messages"][0]["role"] == "system");
    if (body["max_tokens"] == 30) ++warm_ups;
  }
  CHECK(warm_ups == 9);
  const Json& metadata = run.json["metadata"];
  for (const char* key : {"timestamp", "model", "dataset_key", "api_base", "batch_sizes", "num_runs",
                          "max_tokens", "temperature", "seed", "warmup_runs", "n_cores", "description"}) {
    INFO(key);
    CHECK(metadata.contains(key));
  }
  CHECK(metadata["description"] == "what it was");
  for (const char* size : {"1", "2", "4"}) {
    const Json& level = run.Level(size);
    for (const auto& [group, leaf] :
         std::vector<std::pair<const char*, const char*>>{{"tokens", "input_per_request"},
                                                          {"tokens", "output_per_request"},
                                                          {"timings", "batch_total_seconds"},
                                                          {"timings", "fastest_seconds"},
                                                          {"timings", "slowest_seconds"},
                                                          {"timings", "spread_seconds"},
                                                          {"throughput", "batch_tokens_per_second"},
                                                          {"throughput", "request_tokens_per_second"}}) {
      INFO(group << " " << leaf);
      CHECK(level.at(group).at(leaf).at("mean").is_number());
      CHECK(level.at(group).at(leaf).at("std").is_number());
    }
    // B11
    CHECK(Contains(run.out, "±"));
  }
  CHECK(run.Level("4")["timings"]["fastest_seconds"]["mean"] >= 0.03);
}

// B04, B10
TEST_CASE("A batch larger than the dataset cycles through it, and runs differ", "[every_kind][apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms", "--itl", "1ms"});
  const SweepRun run = RunSweep(scratch, sim,
                                {"--dataset-key", Questions(scratch, 20), "--batch-sizes", "50", "--num-runs",
                                 "2", "--max-tokens", "4"},
                                "simple");
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  std::map<std::string, int> asked;
  for (const Json& request : sim.StopAndReadLog()) ++asked[QuestionOf(request)];
  REQUIRE(asked.size() == 20);
  for (const auto& [question, times] : asked) {
    INFO(question);
    CHECK(times >= 4);  // two runs of two whole cycles and a half
    CHECK(times <= 6);
  }
}

// B03
TEST_CASE("An unknown dataset key is an error before anything is sent", "[apps]") {
  const Scratch scratch;
  SimProcess sim({});
  const SweepRun run = RunSweep(scratch, sim, {"--dataset_key", "x"}, "simple");
  CHECK(run.exit == 2);
  CHECK(Contains(run.err, "--dataset-key"));
  CHECK(Contains(run.err, "'x'"));
  CHECK(sim.StopAndReadLog().empty());
}

TEST_CASE("The AIME is read from a local file", "[apps]") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path() + "/datasets");
  scratch.Write("datasets/aime.jsonl", "{\"Question\":\"How many?\",\"Answer\":\"7\"}\n");
  SimProcess sim({"--ttft", "1ms", "--itl", "1ms"});
  const SweepRun run =
      RunSweep(scratch, sim, {"--dataset_key", "aime", "--batch_sizes", "1", "--num_runs", "1"}, "simple");
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE(logged.size() == 1);
  CHECK(QuestionOf(logged[0]) == "How many?");
  CHECK(BodyOf(logged[0])["max_tokens"] == 100);
}

// B12
TEST_CASE("Answers without usage count, and the source of their count is told", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms", "--itl", "1ms", "--no-usage"});
  const SweepRun run =
      RunSweep(scratch, sim,
               {"--dataset-key", Questions(scratch, 5), "--batch-sizes", "4", "--num-runs", "1"}, "simple");
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  CHECK(run.Level("4")["throughput"]["batch_tokens_per_second"]["mean"].get<double>() > 0);
  CHECK_FALSE(Contains(run.Level("4")["token_count_sources"].dump(), "usage\":{"));
}

}  // namespace llmdyno
