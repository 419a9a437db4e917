// `report definitions` on the log of a real race.
#include <sstream>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// The mean that the row of this figure shows; a tool is named in its first row only.
std::string MeanOf(const std::string& table, const std::string& tool, const std::string& figure) {
  std::string current;
  for (const std::string& line : Lines(table)) {
    if (line.size() < 25 || !line.starts_with("  ")) continue;
    if (line[2] != ' ') current = line.substr(2, 22);
    if (!current.starts_with(tool + " ") || !line.substr(24).starts_with(figure + " ")) continue;
    std::istringstream cells(line.substr(45));
    std::string n;
    std::string mean;
    cells >> n >> mean;
    return mean;
  }
  return "";
}

}  // namespace

TEST_CASE("`report definitions` shows every tool's numbers for a race that was measured", "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast:ttft=5ms,itl=2ms,output_tokens=20",
                                         "--num-requests", "30", "--users", "3"});
  INFO(race.out << race.err);
  const Finished table = RunApp("llmdyno", {"report", "definitions", race.files.folder});
  INFO(table.out << table.err);
  REQUIRE(table.exit == 0);
  CHECK(Contains(table.out, "SIMULATED"));
  CHECK(Contains(table.out, "30 requests, measured, answered and streamed"));
  // The same definition is the same number, whatever the tool.
  const std::string ttft = MeanOf(table.out, "llmdyno", "TTFT");
  CHECK_FALSE(ttft.empty());
  for (const std::string tool : {"SGLang", "AIPerf", "genai-bench", "guidellm"}) {
    INFO(tool);
    CHECK(MeanOf(table.out, tool, "TTFT") == ttft);
  }
  CHECK(MeanOf(table.out, "guidellm", "Request latency") == MeanOf(table.out, "llmdyno", "E2E"));
  // guidellm's TPOT has the prefill inside.
  CHECK(std::stod(MeanOf(table.out, "guidellm", "TPOT")) > std::stod(MeanOf(table.out, "llmdyno", "TPOT")));
}

TEST_CASE("`report definitions` of nothing that it can read says so", "[apps]") {
  const Scratch scratch;
  const Finished empty = RunApp("llmdyno", {"report", "definitions", scratch.path()});
  CHECK(empty.exit == 2);
  CHECK(Contains(empty.err, "there is no records.jsonl in '" + scratch.path() + "'"));
}

}  // namespace llmdyno
