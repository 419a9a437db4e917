// Plots of sweeps, from files as the programs write them: B13, E01 to E03, E06.
#include <cstdlib>

#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

bool Has(const char* program) {
  return std::system(("command -v " + std::string(program) + " >/dev/null 2>&1").c_str()) == 0;
}

// A sweep's results under `name`, whatever it measured.
std::string Measure(const Scratch& scratch, const std::string& name, const std::string& command,
                    const Arguments& more) {
  const SimProcess sim({"--ttft", "5ms", "--itl", "2ms"});
  const SweepRun run = RunSweep(scratch, sim, more, command);
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  return scratch.Write(name, ReadFile(scratch.path() + "/out.json"));
}

void CheckDraws(const Arguments& files, const std::string& image) {
  Arguments arguments = {"report", "plot"};
  arguments.insert(arguments.end(), files.begin(), files.end());
  arguments.insert(arguments.end(), {"--output", image});
  const Finished plot = RunApp("llmdyno", arguments);
  INFO(plot.out << plot.err);
  CHECK(plot.exit == 0);
  CHECK(Contains(plot.out, "mean ± std"));
  CHECK(Contains(plot.out, "Plot: " + image));
  CHECK(ReadFile(image).size() > 10'000);
}

}  // namespace

TEST_CASE("`report plot` draws every kind of sweep that was measured, and compares two", "[apps]") {
  if (!Has("gnuplot")) {
    WARN("gnuplot is not installed: not tested");
    return;
  }
  const Scratch scratch;
  const Arguments quick = {"--scenario", "D(20,10)", "--batch-sizes", "1,2,4", "--num-runs", "2"};
  const std::string streamed = Measure(scratch, "streamed.json", "sweep", quick);
  Arguments described = quick;
  described.insert(described.end(), {"--description", "another", "--no-stream"});
  const std::string whole = Measure(scratch, "whole.json", "sweep", described);
  const std::string simple =
      Measure(scratch, "simple.json", "simple",
              {"--dataset-key", scratch.Write("q.txt", "one?\ntwo?\n"), "--batch-sizes", "1,2"});
  const std::string shapes = Measure(
      scratch, "shapes.json", "shapes",
      {"--input-lengths", "16,32", "--output-lengths", "4", "--batch-sizes", "1,2", "--num-runs", "1"});
  CheckDraws({streamed}, scratch.path() + "/streamed.png");
  CheckDraws({whole}, scratch.path() + "/whole.svg");
  CheckDraws({simple}, scratch.path() + "/simple.png");
  CheckDraws({shapes}, scratch.path() + "/shapes.png");
  CheckDraws({streamed, whole}, scratch.path() + "/both.png");
}

// B07, C28
TEST_CASE("A script for the older tools' results reads those of a sweep", "[apps]") {
  if (!Has("python3")) {
    WARN("python3 is not installed: not tested");
    return;
  }
  const Scratch scratch;
  const std::vector<std::string> results = {
      Measure(scratch, "advanced.json", "sweep", {"--scenario", "D(20,10)", "--batch-sizes", "1,4"}),
      Measure(scratch, "simple.json", "simple",
              {"--dataset-key", scratch.Write("q.txt", "one?\ntwo?\n"), "--batch-sizes", "1,4"})};
  for (const std::string& file : results) {
    const std::string out = scratch.path() + "/rows.txt";
    const std::string command =
        "python3 " LLMDYNO_TEST_SCRIPTS "/read_sweep_result.py '" + file + "' > " + out + " 2>&1";
    const int status = std::system(command.c_str());
    INFO(ReadFile(out));
    CHECK(status == 0);
    CHECK(Lines(ReadFile(out)).size() == 2);
  }
}

TEST_CASE("Results that are none of a sweep are refused with a sentence", "[apps]") {
  const Scratch scratch;
  const std::string qps = scratch.Write("benchmark_qps_results.json", R"([{"qps_target":5.0}])");
  const Finished plot = RunApp("llmdyno-report", {"plot", qps, scratch.path() + "/out.png"});
  CHECK(plot.exit == 2);
  CHECK(Contains(plot.err, "is of a QPS benchmark"));
  CHECK(plot.out.empty());
}

}  // namespace llmdyno
