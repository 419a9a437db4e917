// The search for what an endpoint sustains, against simulators whose capacity is known.
#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// A machine for four requests at a time, 25 ms a step: answers of four tokens take about 100 ms.
const Arguments kFourSeats = {"--profile",           "l4-llama-3.2-3b",
                              "--max-num-seqs",      "4",
                              "--step-base",         "25ms",
                              "--step-per-sequence", "0ms",
                              "--output-tokens",     "4"};

const Arguments kShortSearch = {"--duration", "1", "--find-tolerance", "8", "--find-confirmations", "1"};

Arguments With(Arguments flags, const Arguments& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

// What the engine manages when it is never short of work: requests per second.
double MeasuredCapacity() {
  const Scratch scratch;
  const SimProcess sim(kFourSeats);
  const Finished run = RunServe(
      scratch,
      ServeFlags(sim, {"--backend", "openai-chat", "--dataset-name", "random", "--random-input-len", "5",
                       "--num-prompts", "100", "--save-result", "--result-filename", "r.json"}));
  INFO(run.out << run.err);
  CHECK(run.exit == 0);
  return Json::parse(ReadFile(scratch.path() + "/r.json"))["request_throughput"].get<double>();
}

}  // namespace

TEST_CASE("A search finds the rate that an engine of known capacity sustains", "[apps]") {
  const double capacity = MeasuredCapacity();
  const Scratch scratch;
  const SimProcess sim(kFourSeats);
  const QpsRun run = RunQps(scratch, sim, With(kShortSearch, {"--find-max", "--find-from", "15"}));
  INFO("capacity " << capacity << "\n" << run.Said());
  CHECK(run.exit == 0);
  const Json& answer = run.files.metadata["capacity"];
  CHECK(answer["kind"] == "converged");
  // Trials of a second on a machine that does other things: the search's own precision is tested elsewhere.
  CHECK(answer["load"].get<double>() == Approx(capacity).epsilon(0.25));
  CHECK(answer["failed_at"].get<double>() > answer["load"].get<double>());
  CHECK(answer["trials_at_load"].get<int>() >= 2);
  const double confidence = answer["sustain_probability_at_least"];
  CHECK(confidence > 0.2);
  CHECK(confidence < 1);

  // Every trial is a level in the files and a line on the console.
  const Json& trials = answer["trials"];
  CHECK(trials.size() == run.files.levels.size());
  CHECK(trials.size() < 30);
  for (size_t i = 0; i < trials.size(); ++i) {
    CHECK(trials[i]["load"] == run.files.levels[i]["qps_target"]);
    CHECK_FALSE(trials[i]["reason"].get<std::string>().empty());
  }
  CHECK(LinesWith(run.err, "sustained: ").size() == trials.size());
  CHECK(PrintedNumber(run.out, "Highest sustained load") ==
        Approx(answer["load"].get<double>()).epsilon(0.01));
  CHECK(LinesWith(run.out, "Confidence:").size() == 1);
  // Each trial is listed once, as what it was; nothing is said of a limit that nobody gave.
  const std::string summary = run.out.substr(run.out.find("SUMMARY"));
  CHECK_FALSE(Contains(summary, "PASS"));
  CHECK_FALSE(Contains(summary, "SLO"));
  size_t listed = 0;
  for (const std::string purpose : {"bracket ", "bisect ", "confirm "}) {
    listed += LinesWith(summary, purpose).size();
  }
  CHECK(listed == trials.size());
  CHECK(run.files.metadata["recommendation"]["base"] == answer["load"]);
  CHECK(run.files.metadata["recommendation"]["saturation"] == answer["failed_at"]);
}

TEST_CASE("A search says that nothing up to its limit broke the endpoint", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "2ms", "--itl", "1ms", "--output-tokens", "4"});
  const QpsRun run =
      RunQps(scratch, sim, With(kShortSearch, {"--find-max", "--find-from", "10", "--find-up-to", "30"}));
  INFO(run.Said());
  CHECK(run.exit == 0);
  const Json& answer = run.files.metadata["capacity"];
  CHECK(answer["kind"] == "not_reached");
  CHECK(answer["load"] == 30);
  CHECK(answer["failed_at"].is_null());
  REQUIRE(LinesWith(run.out, "Lowest load that was not sustained:").size() == 1);
  CHECK(Contains(LinesWith(run.out, "Lowest load that was not sustained:")[0], "not reached"));
}

TEST_CASE("A search says when even the lowest load is too much", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "50ms", "--output-tokens", "4"});
  const QpsRun run = RunQps(scratch, sim,
                            {"--find-max", "--find-from", "20", "--duration", "0.2", "--find-confirmations",
                             "0", "--slo", "ttft_p50<1ms"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  CHECK(run.files.metadata["capacity"]["kind"] == "cannot_serve");
  CHECK(run.files.metadata["capacity"]["load"].is_null());
  CHECK(run.files.levels.size() < 30);
}

TEST_CASE("A search in closed loop finds how many streams keep a limit of latency", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kFourSeats);
  // Four at a time answer within 100 ms and a little; the eighth waits for another's seat.
  const QpsRun run = RunQps(scratch, sim,
                            With(kShortSearch, {"--find-max-concurrency", "--find-from", "2", "--find-up-to",
                                                "16", "--slo", "e2e_p50<160ms"}));
  INFO(run.Said());
  CHECK(run.exit == 0);
  const Json& answer = run.files.metadata["capacity"];
  CHECK(run.files.metadata["load_kind"] == "users");
  CHECK(answer["kind"] == "converged");
  CHECK(answer["load"].get<int>() >= 4);
  CHECK(answer["load"].get<int>() <= 7);
  for (const Json& level : run.files.levels) {
    CHECK(level["qps_target"].is_null());
    CHECK(level["peak_in_flight"] == level["users"]);
  }
  CHECK(Contains(run.out, "CONCURRENCY BENCHMARK RESULTS"));
}

TEST_CASE("A level beyond capacity passes by its success and is called saturated all the same", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kFourSeats);
  // Capacity is about 40 requests/s: at 80 answers come later by a second in every second.
  const QpsRun run = RunQps(scratch, sim, {"--qps", "15,80", "--duration", "2"});
  INFO(run.Said());
  REQUIRE(run.files.levels.size() == 2);
  CHECK(run.files.levels[0]["backlog"]["queue_grew"] == false);
  CHECK(run.files.levels[1]["backlog"]["queue_grew"] == true);
  CHECK(run.files.levels[1]["success_rate"] == 100);
  CHECK(Contains(LinesWith(run.out, "QPS 80.0: PASS").at(0), "but a queue grew ("));
  CHECK_FALSE(Contains(LinesWith(run.out, "QPS 15.0: PASS").at(0), "but"));
  const Json& recommendation = run.files.metadata["recommendation"];
  CHECK(recommendation["base"] == 15);
  CHECK(recommendation["saturation"] == 80);
  CHECK(Contains(recommendation["saturation_reason"].get<std::string>(), "a queue grew"));
}

TEST_CASE("A level of little more than one latency far below capacity is not called saturated", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "50ms", "--itl", "50ms", "--output-tokens", "30"});  // 1.5 s
  const QpsRun run = RunQps(scratch, sim, {"--qps", "10,20", "--duration", "1.8"});
  INFO(run.Said());
  for (const Json& level : run.files.levels) {
    CHECK(level["backlog"]["queue_grew"] == false);
    CHECK(level["backlog"]["too_short"] == true);
  }
  CHECK(Contains(Unwrapped(run.out), "too short to tell whether a queue grew"));
  CHECK(Contains(LinesWith(run.out, "Saturation:").at(0), "not reached"));
  CHECK(run.files.metadata["recommendation"]["base"] == 20);
}

TEST_CASE("Levels are judged by --slo, and one that misses it is no base for a recommendation", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kFourSeats);
  // Capacity is about 40 requests/s: at 80 a queue grows by 40 a second.
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "15,80", "--duration", "1.5", "--slo", "e2e_p50<250ms, success>=99%"});
  INFO(run.Said());
  REQUIRE(run.files.levels.size() == 2);
  CHECK(run.files.levels[0]["slo"]["met"] == true);
  CHECK(run.files.levels[1]["slo"]["met"] == false);
  const Json& miss = run.files.levels[1]["slo"]["misses"][0];
  CHECK(miss["term"] == "e2e_p50<250ms");
  CHECK(miss["actual"].get<double>() > 250);
  CHECK(run.files.metadata["recommendation"]["base"] == 15);
  CHECK(run.files.metadata["recommendation"]["saturation"] == 80);
  CHECK(Contains(LinesWith(run.out, "QPS 15.0: PASS").at(0), "SLO met"));
  CHECK(Contains(LinesWith(run.out, "QPS 80.0: PASS").at(0), "SLO missed"));
}

}  // namespace llmdyno
