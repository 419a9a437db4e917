// An endpoint that is down, refuses the key or is no such API: a clear sentence after a bounded number of
// attempts and status 3. A24.
#include <atomic>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {

TEST_CASE("A race against a port where nobody listens gives up at once", "[apps]") {
  std::string url;
  {
    const OddServer gone([](const std::string&) { return std::string(); });
    url = gone.url();
  }
  const Scratch scratch;
  const Finished race = RunRaceOnly(scratch, {"--host", url, "--model", "m", "--engine", "e"});
  INFO(race.err);
  CHECK(race.exit == 3);
  CHECK(Contains(race.err, url));
  CHECK(Lines(race.err).size() == 1);
}

TEST_CASE("A race whose server dies gives up after the failures it was told, slowly", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "3ms", "--itl", "1ms", "--output-tokens", "20"});
  const auto process = StartRace(
      scratch, sim.RaceFlags({"--users", "4", "--spawn-rate", "0", "--max-consecutive-failures", "12"}));
  REQUIRE(Eventually([&] { return sim.Stats()["tokens_sent"].get<int64_t>() > 400; }));
  sim.Kill();
  CHECK(process->Wait() == 3);
  INFO(process->Err());
  CHECK(Contains(process->Err(), "gave up on"));
  const RaceFiles files = ReadRace(scratch);
  CHECK(files.summary["stop_reason"] == "consecutive_failures");
  CHECK(files.Metric("failed") >= 12);
  CHECK(files.Metric("failed") <= 12 + 4);  // those in flight may fail, too
  CHECK(files.csv.Sum("output_tokens") == files.Metric("output_tokens"));
}

TEST_CASE("A race that is refused for its key gives up with the server's words", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--require-key", "right-key-71"});
  const RaceRun race = RunRace(scratch, sim.RaceFlags({"--api-key", "wrong-key-93"}));
  INFO(race.err);
  CHECK(race.exit == 3);
  CHECK(Contains(race.err, "401"));
  CHECK(sim.Stats()["requests"].get<int>() <= 30);
  const Scratch other;
  CHECK(RunRaceOnly(other, sim.RaceFlags({"--api-key", "right-key-71", "--num-requests", "3"})).exit == 0);
}

TEST_CASE("A race against a web site gives up and shows what it answered", "[apps]") {
  std::atomic<int> requests = 0;
  const OddServer site([&](const std::string&) {
    ++requests;
    return HttpReply(200, "text/html", "<!DOCTYPE html><html><body>Welcome to our shop</body></html>");
  });
  const Scratch scratch;
  const Finished race = RunRaceOnly(scratch, {"--host", site.url(), "--model", "m", "--engine", "e"});
  INFO(race.err);
  CHECK(race.exit == 3);
  CHECK(Contains(race.err, "text/html"));
  CHECK(requests <= 100);
}

TEST_CASE("A race against a server that knows no such route or speaks no HTTP gives up", "[apps]") {
  const std::string reply = GENERATE(HttpReply(404, "application/json", "{\"detail\":\"Not Found\"}"),
                                     "SSH-2.0-OpenSSH_9.2\r\n", "");
  INFO(reply);
  std::atomic<int> requests = 0;
  const OddServer odd([&](const std::string&) {
    ++requests;
    return reply;
  });
  const Scratch scratch;
  const Finished race = RunRaceOnly(scratch, {"--host", odd.url(), "--model", "m", "--engine", "e"});
  INFO(race.err);
  CHECK(race.exit == 3);
  CHECK(Contains(race.err, odd.url()));
  CHECK(requests <= 100);
}

TEST_CASE("A host name that does not resolve is named", "[apps]") {
  const Scratch scratch;
  const Finished race =
      RunRaceOnly(scratch, {"--host", "http://no-such-host.invalid", "--model", "m", "--engine", "e"});
  INFO(race.err);
  CHECK(race.exit == 3);
  CHECK(Contains(race.err, "no-such-host.invalid"));
}

}  // namespace llmdyno
