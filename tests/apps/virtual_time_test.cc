// --virtual-time: hours in seconds, without a socket.
#include "apps/app_runs.h"
#include "apps/qps_runs.h"
#include "apps/sweep_runs.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

const Arguments kVirtual = {"--simulate", "l4-llama-3.2-3b", "--virtual-time"};

Arguments Virtually(const Arguments& more) {
  Arguments arguments = kVirtual;
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

TEST_CASE("An hour of racing passes at once, and is the same every time", "[apps]") {
  std::vector<std::vector<Json>> records;
  for (int i = 0; i < 2; ++i) {
    const Scratch scratch;
    const RaceRun race = RunRace(
        scratch, Virtually({"--engine", "vllm", "--users", "4", "--duration", "1h", "--max-tokens", "200"}));
    REQUIRE(race.exit == 0);
    CHECK(Contains(race.out, "SIMULATED"));
    CHECK(race.files.summary["simulated"] == true);
    CHECK(race.files.Metric("elapsed_s") == 3600);
    CHECK(race.files.summary["verdict"]["valid"] == true);
    records.push_back(race.files.Records());
    for (Json& record : records.back()) CHECK(record["arrival_clock"] == "simulated");
  }
  CHECK(records[0].size() > 1000);
  CHECK(records[0] == records[1]);
}

TEST_CASE("Every measuring program runs in virtual time", "[apps]") {
  const Scratch scratch;
  const Finished qps =
      RunApp("llmdyno-qps",
             Virtually({"--qps", "1,2", "--duration", "300s", "--results-dir", scratch.path() + "/qps"}));
  CHECK(qps.exit == 0);
  CHECK(Contains(qps.out, "SIMULATED"));
  const Finished sweep =
      RunApp("llmdyno-sweep", Virtually({"--scenario", "D(50,20)", "--batch-sizes", "2,8", "--results-file",
                                         scratch.path() + "/sweep.json"}));
  CHECK(sweep.exit == 0);
  const Finished embed = RunApp(
      "llmdyno-embed", Virtually({"--batch-sizes", "2", "--results-file", scratch.path() + "/embed.json"}));
  CHECK(embed.exit == 0);
}

TEST_CASE("Virtual time needs a simulated endpoint and one thread", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({});
  const Finished real = RunRaceOnly(scratch, sim.RaceFlags({"--virtual-time"}));
  CHECK(real.exit == 2);
  CHECK(Contains(real.err, "--virtual-time needs --simulate"));
  const Finished threads = RunRaceOnly(scratch, Virtually({"--engine", "vllm", "--threads", "2"}));
  CHECK(threads.exit == 2);
  CHECK(Contains(threads.err, "--virtual-time runs on one thread"));
}
