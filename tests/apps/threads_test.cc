// --threads: whatever their number, the same requests.
#include <map>

#include "apps/app_runs.h"
#include "apps/qps_runs.h"
#include "apps/sweep_runs.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// What was sent, by the request's id.
std::map<std::string, Json> Bodies(SimProcess& sim) {
  std::map<std::string, Json> bodies;
  for (const Json& logged : sim.StopAndReadLog()) bodies[logged["x_request_id"]] = logged["body"];
  REQUIRE_FALSE(bodies.empty());
  return bodies;
}

}  // namespace

TEST_CASE("A race sends the same requests with any number of threads", "[apps]") {
  std::vector<std::map<std::string, Json>> sent;
  for (const char* threads : {"1", "2", "4"}) {
    SimProcess sim({"--ttft", "1ms", "--itl", "1ms"});
    const Scratch scratch;
    const RaceRun race =
        RunRace(scratch, sim.RaceFlags({"--num-requests", "60", "--max-num-seqs", "8", "--max-tokens", "6",
                                        "--seed", "11", "--threads", threads}));
    REQUIRE(race.exit == 0);
    CHECK(race.files.Records().size() == 60);
    sent.push_back(Bodies(sim));
  }
  CHECK(sent[0].size() == 60);
  CHECK(sent[1] == sent[0]);
  CHECK(sent[2] == sent[0]);
}

TEST_CASE("A schedule of requests is the same with any number of threads", "[apps]") {
  std::vector<std::map<std::string, Json>> sent;
  std::vector<std::vector<double>> schedules;
  for (const char* threads : {"1", "4"}) {
    SimProcess sim({"--ttft", "1ms", "--itl", "1ms"});
    const Scratch scratch;
    const QpsRun qps = RunQps(scratch, sim,
                              {"--qps", "80", "--duration", "1s", "--max-tokens", "3", "--arrivals",
                               "poisson", "--seed", "5", "--threads", threads});
    REQUIRE(qps.exit == 0);
    std::map<int64_t, int64_t> due;
    for (const Json& record : JsonLines(ReadFile(qps.files.folder + "/records.jsonl"))) {
      if (record.value("type", "") != "record") continue;
      due[record["request_id"].get<int64_t>()] = record["scheduled_ns"].get<int64_t>();
    }
    std::vector<double> schedule;
    for (const auto& [id, at] : due) schedule.push_back(static_cast<double>(at - due.begin()->second));
    schedules.push_back(schedule);
    sent.push_back(Bodies(sim));
  }
  CHECK(sent[1] == sent[0]);
  CHECK(schedules[0].size() == 80);
  CHECK(schedules[1] == schedules[0]);
}

TEST_CASE("A batch of several threads is the same batch", "[apps]") {
  std::vector<std::map<std::string, Json>> sent;
  for (const char* threads : {"1", "3"}) {
    SimProcess sim({"--ttft", "1ms", "--itl", "1ms"});
    const Scratch scratch;
    const SweepRun sweep = RunSweep(scratch, sim,
                                    {"--scenario", "U(20,60)/(3,9)", "--batch-sizes", "4,16", "--num-runs",
                                     "2", "--seed", "3", "--threads", threads});
    REQUIRE(sweep.exit == 0);
    sent.push_back(Bodies(sim));
  }
  CHECK(sent[1] == sent[0]);
}

TEST_CASE("A number of threads that makes no sense is bad input", "[apps]") {
  const SimProcess sim({});
  const Scratch scratch;
  for (const char* threads : {"0", "-1", "many", "1000"}) {
    const Finished race = RunRaceOnly(scratch, sim.RaceFlags({"--threads", threads}));
    CHECK(race.exit == 2);
    CHECK(Contains(race.err, "--threads: expected a number from 1 to 256 or auto"));
  }
}
