// What an interrupted benchmark leaves behind, and endpoints that are of no use: X01, X03 and exit statuses.
#include <csignal>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "3ms", "--itl", "1ms", "--output-tokens", "8"};
const std::string kKey = "sk-do-not-tell-77c1";

// How many levels the file of results has by now.
size_t LevelsSaved(const Scratch& scratch) {
  const std::vector<std::string> folders = QpsFolders(scratch);
  if (folders.empty()) return 0;
  try {
    return Json::parse(ReadFile(folders[0] + "/benchmark_qps_results.json")).size();
  } catch (const std::runtime_error&) {
    return 0;  // not there yet; a file that is there is whole
  }
}

void CheckKeyNotTold(const std::string& said, const Scratch& scratch) {
  CHECK_FALSE(Contains(said, kKey));
  for (const auto& [path, text] : AllFiles(scratch.path())) {
    INFO(path);
    CHECK_FALSE(Contains(text, kKey));
  }
}

}  // namespace

// X01
TEST_CASE("A benchmark interrupted in its third level keeps the first two whole", "[apps]") {
  const auto [signal, status] = GENERATE(table<int, int>({{SIGINT, 130}, {SIGTERM, 143}}));
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const auto process =
      StartQps(scratch, QpsFlags(scratch, sim.url(), {"--qps", "20,30,40,50", "--duration", "1"}));
  REQUIRE(Eventually([&] { return LevelsSaved(scratch) == 2; }));
  const int before = sim.Stats()["generations"];
  REQUIRE(Eventually([&] { return sim.Stats()["generations"].get<int>() > before + 3; }));
  process->Signal(signal);
  const QpsRun run = FinishQps(*process, scratch);
  INFO(run.Said());
  CHECK(run.exit == status);
  REQUIRE(run.files.levels.size() == 3);
  CHECK(run.files.levels[0]["total_requests"] == 20);
  CHECK(run.files.levels[1]["total_requests"] == 30);
  CHECK(run.files.levels[0]["stop_reason"] == "target_requests");
  CHECK(run.files.levels[2]["stop_reason"] == "interrupted");
  CHECK(run.files.levels[2]["total_requests"].get<int>() < 40);
  CHECK(run.files.metadata["levels_run"] == 3);
  CHECK(run.files.metadata["skipped_levels"] == Json({50.0}));
  CHECK(run.files.metadata["skip_reason"] == "interrupted");
  // A level that was cut says nothing about what the endpoint sustains.
  CHECK(run.files.metadata["recommendation"]["highest_99"] == 30);
  CHECK(Contains(run.out, "interrupted"));
  CHECK(run.files.Records(0).size() == 20);
  CHECK(run.files.Records(1).size() == 30);
}

TEST_CASE("Levels that have ended are on the disk even after kill -9", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const auto process = StartQps(scratch, QpsFlags(scratch, sim.url(), {"--qps", "20,30", "--duration", "1"}));
  REQUIRE(Eventually([&] { return LevelsSaved(scratch) == 1; }));
  process->Signal(SIGKILL);
  CHECK(process->Wait() == 128 + SIGKILL);
  const std::string folder = QpsFolders(scratch).at(0);
  CHECK(Json::parse(ReadFile(folder + "/benchmark_qps_results.json"))[0]["total_requests"] == 20);
  CHECK(Json::parse(ReadFile(folder + "/metadata.json"))["levels_run"] == 1);
}

TEST_CASE("A search that is interrupted keeps its trials", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const auto process = StartQps(
      scratch, QpsFlags(scratch, sim.url(), {"--find-max", "--find-from", "10", "--duration", "0.5"}));
  REQUIRE(Eventually([&] { return LevelsSaved(scratch) >= 2; }));
  process->Signal(SIGINT);
  const QpsRun run = FinishQps(*process, scratch);
  INFO(run.Said());
  CHECK(run.exit == 130);
  CHECK(run.files.levels.size() >= 2);
  CHECK(run.files.levels[0]["qps_target"] == 10);
  CHECK(run.files.levels[1]["qps_target"] == 20);
  CHECK(run.files.metadata["capacity"].is_null());
}

TEST_CASE("An interrupt ends the pause between two levels", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const auto process = StartQps(
      scratch, QpsFlags(scratch, sim.url(), {"--qps", "20,30", "--duration", "0.3", "--cooldown", "10m"}));
  REQUIRE(Eventually([&] { return LevelsSaved(scratch) == 1; }));
  process->Signal(SIGINT);
  const QpsRun run = FinishQps(*process, scratch);
  INFO(run.Said());
  CHECK(run.exit == 130);
  CHECK(run.files.levels.size() == 1);
  CHECK(run.files.metadata["skipped_levels"] == Json({30.0}));
}

TEST_CASE("A dead endpoint is told at once, with status 3 and without a folder", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  sim.Kill();
  const auto process = StartQps(scratch, QpsFlags(scratch, sim.url(), {"--qps", "5", "--duration", "60"}));
  CHECK(process->Wait(std::chrono::seconds(20)) == 3);
  INFO(process->Err());
  CHECK(process->Out().empty());
  CHECK(LinesWith(process->Err(), "llmdyno-qps: ").size() == 1);
  CHECK(Contains(process->Err(), sim.url()));
  CHECK(QpsFolders(scratch).empty());

  const Finished serve =
      RunServe(scratch, ServeFlags(sim, {"--dataset-name", "random", "--num-prompts", "3"}));
  INFO(serve.err);
  CHECK(serve.exit == 3);
  CHECK(LinesWith(serve.err, "llmdyno-qps serve: ").size() == 1);
}

TEST_CASE("An endpoint that dies between two levels leaves the first and fails the second", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const auto process =
      StartQps(scratch, QpsFlags(scratch, sim.url(), {"--qps", "20,30,40", "--duration", "0.6"}));
  REQUIRE(Eventually([&] { return LevelsSaved(scratch) == 1; }));
  sim.Kill();
  const QpsRun run = FinishQps(*process, scratch);
  INFO(run.Said());
  CHECK(run.exit == 0);  // the first level is a result
  CHECK(run.files.levels.size() == 2);
  CHECK(run.files.metadata["skipped_levels"] == Json({40.0}));
  CHECK(run.files.levels[1]["errors"].value("Connection failed", 0) > 0);
}

// X03
TEST_CASE("A wrong key ends the benchmark after ten refusals, and the key is in no file", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--require-key", "sk-another", "--output-tokens", "5"});
  const QpsRun run = RunQps(scratch, sim, {"--qps", "40,50", "--duration", "2", "--api-key", kKey});
  INFO(run.Said());
  CHECK(run.exit == 3);
  CHECK(LinesWith(run.err, "llmdyno-qps: ").size() == 1);
  CHECK(Contains(run.err, "refuses"));
  CHECK(Contains(run.err, "401"));
  REQUIRE(run.files.levels.size() == 1);
  CHECK(run.files.levels[0]["total_requests"].get<int>() >= 10);
  CHECK(run.files.levels[0]["total_requests"].get<int>() < 80);
  CHECK(run.files.levels[0]["errors"].contains("HTTP 401"));
  CHECK(run.files.metadata["recommendation"].is_null());  // a key says nothing about capacity
  CheckKeyNotTold(run.Said(), scratch);
}

// X03
TEST_CASE("The right key is sent, and is in no file", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--require-key", kKey, "--output-tokens", "5"});
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "20", "--duration", "0.3", "--api-key", kKey, "--save-text"});
  CHECK(run.exit == 0);
  CheckKeyNotTold(run.Said(), scratch);
  const Finished serve =
      RunServe(scratch, ServeFlags(sim, {"--dataset-name", "random", "--num-prompts", "3", "--api-key", kKey,
                                         "--save-result", "--save-detailed", "--records", "r.jsonl"}));
  CHECK(serve.exit == 0);
  CheckKeyNotTold(serve.out + serve.err, scratch);
}

}  // namespace llmdyno
