// What an interrupted or killed race leaves behind: A19 and X01.
#include <csignal>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

int64_t CountRecords(const Scratch& scratch) {
  const std::string folder = RaceFolder(scratch);
  if (folder.empty()) return 0;
  try {
    return static_cast<int64_t>(LinesWith(ReadFile(folder + "/records.jsonl"), "\"record\"").size());
  } catch (const std::exception&) {
    return 0;  // not there yet
  }
}

}  // namespace

TEST_CASE("SIGINT and SIGTERM draw the finish line and leave complete files", "[apps]") {
  const auto [signal, status] = GENERATE(table<int, int>({{SIGINT, 130}, {SIGTERM, 143}}));
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "2ms", "--output-tokens", "60"});
  const auto process = StartRace(scratch, sim.RaceFlags({"--users", "6", "--spawn-rate", "0"}));
  REQUIRE(Eventually([&] { return sim.Stats()["tokens_sent"].get<int64_t>() > 600; }));
  process->Signal(signal);
  CHECK(process->Wait() == status);
  INFO(process->Out() << process->Err());
  const RaceFiles files = ReadRace(scratch);
  CHECK(files.summary["stop_reason"] == "interrupted");
  CHECK(files.summary["complete"] == true);
  CHECK(Contains(process->Out(), "(interrupted)"));
  CHECK(PrintedNumber(process->Out(), "Output Tokens") == files.Metric("output_tokens"));
  CHECK(files.csv.Sum("output_tokens") == files.Metric("output_tokens"));
  CHECK(files.csv.rows.size() == static_cast<size_t>(files.Metric("requests")));
  CHECK(files.Metric("in_flight_at_line") == files.Metric("drain_completed"));
  CHECK(files.FinishLineNs() > 0);
}

TEST_CASE("A second SIGINT ends the drain", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "10ms", "--output-tokens", "100000"});
  const auto process =
      StartRace(scratch, sim.RaceFlags({"--users", "3", "--spawn-rate", "0", "--drain-timeout", "10m",
                                        "--max-tokens", "100000"}));
  REQUIRE(Eventually([&] { return sim.Stats()["tokens_sent"].get<int64_t>() > 30; }));
  process->Signal(SIGINT);
  // The first one must have been heard, or the kernel makes one of the two. The log is flushed within a
  // second.
  REQUIRE(Eventually(
      [&] { return Contains(ReadFile(RaceFolder(scratch) + "/records.jsonl"), "\"finish_line\""); }));
  CHECK_FALSE(process->HasEnded());
  process->Signal(SIGINT);
  CHECK(process->Wait() == 130);
  const RaceFiles files = ReadRace(scratch);
  CHECK(files.Metric("drain_cancelled") == 3);
  CHECK(files.csv.Sum("output_tokens") == files.Metric("output_tokens"));
  CHECK(files.Metric("output_tokens") > 0);
}

TEST_CASE("An interrupted offline batch leaves its block and complete files", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "2ms", "--output-tokens", "40"});
  const auto process = StartRace(scratch, sim.RaceFlags({"--num-requests", "100000", "--max-num-seqs", "4"}));
  REQUIRE(Eventually([&] { return sim.Stats()["tokens_sent"].get<int64_t>() > 400; }));
  process->Signal(SIGTERM);
  CHECK(process->Wait() == 143);
  CHECK(Contains(process->Out(), "* Total Generations:"));
  const RaceFiles files = ReadRace(scratch);
  CHECK(files.csv.Sum("output_tokens") == files.Metric("output_tokens"));
}

TEST_CASE("After kill -9 the record log is read and shown up to its last instant", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--ttft", "5ms", "--itl", "1ms", "--output-tokens", "20"});
  const auto process = StartRace(scratch, sim.RaceFlags({"--users", "6", "--spawn-rate", "0"}));
  REQUIRE(Eventually([&] { return CountRecords(scratch) > 50; }));  // flushed at least once a second
  process->Signal(SIGKILL);
  CHECK(process->Wait() == 128 + SIGKILL);

  const Finished show = RunApp("llmdyno-report", {"show", RaceFolder(scratch)});
  INFO(show.out << show.err);
  CHECK(show.exit == 0);
  CHECK(Contains(show.out, "the run was cut"));
  CHECK(PrintedNumber(show.out, "Total Requests") >= 50);
  CHECK(PrintedNumber(show.out, "Output Tokens") >= 20 * 50);
  // Not even the CSV ends in the middle of a row that is read as another number.
  const Finished cost = RunApp("llmdyno", {"cost", "--csv", RaceFolder(scratch), "--price-per-hour", "1.47"});
  INFO(cost.out << cost.err);
  CHECK(cost.exit == 0);
}

}  // namespace llmdyno
