// The offline batch: G12 to G14.
#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {

TEST_CASE(
    "An offline batch finishes its requests at the concurrency asked for and prints seven consistent lines",
    "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "10ms", "--itl", "1ms", "--output-tokens", "20-60"});
  const RaceRun race = RunRace(scratch, sim.RaceFlags({"--num-requests", "100", "--max-num-seqs", "16"}));
  INFO(race.out << race.err);
  CHECK(race.exit == 0);
  CHECK(race.files.summary["stop_reason"] == "target_requests");
  CHECK(race.files.csv.rows.size() == 100);
  CHECK(sim.Stats()["generations"] == 100);
  CHECK(sim.Stats()["max_in_flight"] == 16);

  const auto figure = [&](const std::string& label) { return PrintedNumber(race.out, "* " + label); };
  const double seconds = race.files.Metric("elapsed_s");
  const double output = race.files.Metric("output_tokens");
  const double input = race.files.Metric("input_tokens");
  CHECK(figure("Total Time") == Approx(seconds).margin(0.0051));
  CHECK(figure("Total Generations") == 100);
  CHECK(figure("Generations / Sec") == Approx(100 / seconds).margin(0.0051));
  CHECK(figure("Generation Tok / Sec") == Approx(output / seconds).margin(0.0051));
  CHECK(figure("Prompt Tok / Sec") == Approx(input / seconds).margin(0.0051));
  CHECK(figure("Avg Generation Tokens") == Approx(output / 100).margin(0.0051));
  CHECK(figure("Avg Prompt Tokens") == Approx(input / 100).margin(0.0051));
}

TEST_CASE("The flags and defaults of the older offline tool are understood", "[apps]") {
  const Finished help = RunApp("llmdyno", {"race", "--help"});
  for (const std::string flag :
       {"--num-requests", "--max-num-seqs", "256 with --num-requests", "250 with --num-requests"}) {
    std::string flat = help.out;
    for (size_t at = 0; (at = flat.find("\n                                  ", at)) != std::string::npos;) {
      flat.replace(at, 35, " ");
    }
    INFO(flag);
    CHECK(Contains(flat, flag));
  }
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast:ttft=2ms,itl=1ms", "--num-samples", "8",
                                         "--max_generated_tokens", "12", "--max_num_seqs", "4"});
  CHECK(race.exit == 0);
  CHECK(race.files.Metric("requests") == 8);
  CHECK(race.files.Metric("output_tokens") == 8 * 12);
  const Scratch other;
  const auto defaults = StartRace(other, {"--simulate", "fast:output_tokens=500", "--num-requests", "300"});
  CHECK(defaults->Wait() == 0);
  const RaceFiles files = ReadRace(other);
  CHECK(files.summary["users"] == 256);
  CHECK(files.Metric("output_tokens") == 300 * 250);
}

TEST_CASE("`llmdyno offline` is a batch of a thousand requests", "[apps]") {
  const Scratch scratch;
  const Finished run =
      RunApp("llmdyno", {"offline", "--simulate", "fast:output_tokens=5"}, {.directory = scratch.path()});
  CHECK(run.exit == 0);
  CHECK(PrintedNumber(run.out, "* Total Generations") == 1000);
}

}  // namespace llmdyno
