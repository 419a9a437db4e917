// Failures are rows with a class: A12 to A14.
#include <cmath>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "3ms", "--itl", "1ms", "--output-tokens", "10"};

Arguments With(const Arguments& more) {
  Arguments flags = kQuick;
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

const Arguments kSixtyRequests = {"--num-requests",       "60",   "--max-num-seqs", "12",
                                  "--first-byte-timeout", "150ms"};

// Rows, printed figures and the class in the summary tell the same story; returns the number of failed rows.
double CheckAccounts(const RaceRun& race) {
  double failed = 0;
  for (const auto& row : race.files.csv.rows) {
    if (row[11] == "200") continue;
    ++failed;
    CHECK(row[4] == "0");
    CHECK(row[5] == "0");
    CHECK(row[6] == "0.00");
    CHECK(row[7] == "0.00");
    CHECK(row[12] == "[FAILED]");
    CHECK(row[13].starts_with("[ERROR "));
  }
  const auto total = static_cast<double>(race.files.csv.rows.size());
  CHECK(PrintedNumber(race.out, "Total Requests") == total);
  CHECK(PrintedNumber(race.out, "Failed") == failed);
  CHECK(PrintedNumber(race.out, "Success Rate") == Approx(100 * (total - failed) / total).margin(0.0051));
  return failed;
}

}  // namespace

// A12, A14
TEST_CASE("Refused requests are rows with their status, zeros and the real duration", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(With({"--fail", "503:0.2", "--retry-after", "0", "--delay", "5ms"}));
  const RaceRun race = RunRace(scratch, sim.RaceFlags(kSixtyRequests));
  INFO(race.out << race.err);
  const double failed = CheckAccounts(race);
  CHECK(failed >= 1);
  CHECK(failed == sim.Stats()["faults"]["http_503"].get<double>());
  for (const auto& row : race.files.csv.rows) {
    if (row[11] == "200") continue;
    CHECK(row[11] == "503");
    CHECK(row[13] == "[ERROR 503]");
    CHECK(std::stod(row[8]) >= 0.005);  // the server's --delay
  }
  CHECK(race.files.summary["failures"][0]["class"] == "overload");
  CHECK(race.exit == 0);
}

// A13
TEST_CASE("Dropped connections are counted as failures and are in the CSV", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(With({"--drop", "0.2"}));
  const RaceRun race = RunRace(scratch, sim.RaceFlags(kSixtyRequests));
  INFO(race.out << race.err);
  CHECK(race.files.csv.rows.size() == 60);
  CHECK(CheckAccounts(race) >= 1);
  CHECK(CheckAccounts(race) == sim.Stats()["faults"]["drop"].get<double>());
  CHECK(sim.Stats()["generations"].get<double>() <= 60);  // nothing was retried behind our back
}

// A13
TEST_CASE("Requests that are never answered are counted as timeouts", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(With({"--stall", "0.2"}));
  const RaceRun race = RunRace(scratch, sim.RaceFlags(kSixtyRequests));
  INFO(race.out << race.err);
  CHECK(race.files.csv.rows.size() == 60);
  CHECK(CheckAccounts(race) >= 1);
  CHECK(race.files.summary["failures"][0]["class"] == "first_byte_timeout");
  for (const auto& row : race.files.csv.rows) {
    if (row[11] == "200") continue;
    CHECK(row[11] == "0");
    CHECK(std::stod(row[8]) >= 0.149);
  }
}

TEST_CASE("Every fault has its class, and none is taken for a success", "[apps]") {
  const auto [fault, cls] = GENERATE(table<std::string, std::string>({{"cut", "cut_stream"},
                                                                      {"sse_error", "provider_error"},
                                                                      {"bad_json", "malformed_stream"},
                                                                      {"empty", "empty"},
                                                                      {"stall_mid", "idle_timeout"},
                                                                      {"http_500", "http_status"},
                                                                      {"http_429", "overload"}}));
  INFO(fault);
  const Scratch scratch;
  const SimProcess sim(With({"--fault", fault + "=1", "--retry-after", "0"}));
  const RaceRun race = RunRace(
      scratch, sim.RaceFlags({"--num-requests", "3", "--max-num-seqs", "3", "--idle-timeout", "100ms"}));
  INFO(race.out << race.err);
  CHECK(race.exit == 3);
  CHECK(CheckAccounts(race) == 3);
  CHECK(race.files.summary["failures"][0]["class"] == cls);
}

TEST_CASE("An endpoint without usage is counted by events, and the result says so", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(With({"--no-usage"}));
  const RaceRun race = RunRace(scratch, sim.RaceFlags({"--num-requests", "20", "--max-num-seqs", "4"}));
  INFO(race.out << race.err);
  CHECK(race.exit == 0);
  CHECK(race.files.Metric("output_tokens") == 200);
  CHECK(race.files.summary["token_counts"]["output"][0]["source"] != "usage");
}

}  // namespace llmdyno
