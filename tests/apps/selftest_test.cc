// The self-test as a user runs it, with tiny levels: what it prints and what it writes. How large the errors
// are is the machine's business and is not judged here.
#include <csignal>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

Finished RunSelftest(const Scratch& scratch, const Arguments& more) {
  Arguments all = {"selftest", "--quick", "--output", scratch.path() + "/selftest.json"};
  all.insert(all.end(), more.begin(), more.end());
  return RunApp("llmdyno", all, {.directory = scratch.path()});
}

Json ReadResult(const Scratch& scratch) { return Json::parse(ReadFile(scratch.path() + "/selftest.json")); }

}  // namespace

TEST_CASE("A self-test compares every kind of figure with the endpoint's own", "[every_kind][apps]") {
  const Scratch scratch;
  const Finished run =
      RunSelftest(scratch, {"--concurrency", "10,1", "--duration", "600ms", "--rates", "50"});
  INFO(run.out << run.err);
  REQUIRE(run.exit == 0);
  const Json json = ReadResult(scratch);
  CHECK(json["format"] == "llmdyno-selftest");
  CHECK(json["interrupted"] == false);
  CHECK(json["machine"]["cores"].get<int>() >= 1);
  REQUIRE(json["levels"].size() == 2);
  CHECK(json["levels"][0]["concurrency"] == 1);
  CHECK(json["levels"][1]["concurrency"] == 10);
  for (const Json& level : json["levels"]) {
    INFO(level.dump(1));
    CHECK(level["failed_requests"] == 0);
    CHECK(level["without_truth"] == 0);
    CHECK(level["token_mismatches"] == 0);
    CHECK(level["tokens"].get<int64_t>() >= 5 * level["concurrency"].get<int64_t>());
    REQUIRE(level["errors"].size() == 8);
    for (const auto& [name, figures] : level["errors"].items()) {
      INFO(name);
      REQUIRE(figures.is_object());
      CHECK(figures["n"].get<int64_t>() >= 1);
      CHECK(figures["p50_us"].get<double>() <= figures["p99_us"].get<double>());
      CHECK(figures["p99_us"].get<double>() <= figures["max_us"].get<double>());
    }
    CHECK(level["errors"]["arrival"]["n"] == level["tokens"]);
    // A token cannot arrive before it was sent; half a millisecond is for a step of the wall clock.
    CHECK(level["errors"]["arrival"]["bias_us"].get<double>() > -500);
    // The endpoint reads a request after the client was ready to write it.
    CHECK(level["errors"]["ttft_with_read_delay"]["bias_us"].get<double>() >=
          level["errors"]["ttft"]["bias_us"].get<double>());
    CHECK(level["tokens_per_cpu_second"].get<double>() > 0);
    CHECK(level["verdict"]["valid"].is_boolean());
  }
  REQUIRE(json["sends"].size() == 1);
  CHECK(json["sends"][0]["send_error"]["n"] == 30);  // 50 a second for 600 ms
  CHECK(Contains(run.out, "SIMULATED"));
  CHECK(Contains(run.out, "token arrival"));
  CHECK(Contains(run.out, "Highest load"));
}

TEST_CASE("Client and endpoint of a self-test are on different cores where there are two", "[apps]") {
  const Scratch scratch;
  REQUIRE(RunSelftest(scratch, {"--concurrency", "1", "--duration", "200ms", "--rates", "none"}).exit == 0);
  const Json json = ReadResult(scratch);
  CHECK(json["sends"].empty());
  const bool can_split = json["machine"]["cores"].get<int>() >= 2;
  CHECK(json["client_cores"].empty() != can_split);
  for (const Json& core : json["client_cores"]) {
    for (const Json& other : json["endpoint_cores"]) CHECK(core != other);
  }
}

TEST_CASE("An error above the gate is a status of its own, with a sentence", "[apps]") {
  const Scratch scratch;
  const Arguments tiny = {"--concurrency", "2", "--duration", "300ms", "--rates", "none", "--max-p99-us"};
  Arguments strict = tiny;
  strict.emplace_back("0");
  const Finished above = RunSelftest(scratch, strict);
  CHECK(above.exit == 6);
  CHECK(Contains(above.err, "at 2 streams the p99 error of arrivals is "));
  CHECK(ReadResult(scratch)["levels"].size() == 1);
  Arguments lax = tiny;
  lax.emplace_back("1000000000");
  CHECK(RunSelftest(scratch, lax).exit == 0);
}

TEST_CASE("An interrupted self-test leaves what there is", "[apps]") {
  const Scratch scratch;
  const std::string file = scratch.path() + "/selftest.json";
  ChildProcess process({LLMDYNO_BINARY_DIR "/llmdyno-selftest", "--concurrency", "3,4", "--duration", "10m",
                        "--output", file});
  REQUIRE(Eventually([&] { return Contains(process.Err(), "3 streams") || process.HasEnded(); }));
  process.Signal(SIGINT);
  CHECK(process.Wait() == 130);
  const Json json = Json::parse(ReadFile(file));
  CHECK(json["interrupted"] == true);
  CHECK(json["levels"].size() <= 1);
  CHECK(json["sends"].empty());
  CHECK(Contains(process.Out(), "Interrupted"));
}

TEST_CASE("A self-test says what it cannot run and why", "[apps]") {
  const Scratch scratch;
  const Finished run =
      RunSelftest(scratch, {"--concurrency", "1,1000000", "--duration", "200ms", "--rates", "none"});
  REQUIRE(run.exit == 0);
  const Json json = ReadResult(scratch);
  CHECK(json["levels"].size() == 1);
  REQUIRE(json["skipped"].size() == 1);
  CHECK(json["skipped"][0]["concurrency"] == 1'000'000);
  CHECK(Contains(run.out, "1,000,000 streams: not run, it needs "));
}

TEST_CASE("A self-test without its endpoint or with bad flags fails before it measures", "[apps]") {
  const Scratch scratch;
  struct Bad {
    Arguments arguments;
    std::string sentence;
  };
  const std::vector<Bad> all = {{{"--concurrency", "0"}, "--concurrency: expected whole numbers from 1"},
                                {{"--duration", "100ms"}, "--duration: expected at least 200ms, got 100ms"},
                                {{"--tokens-per-second", "2000"}, "--tokens-per-second: expected"},
                                {{"--rates", "-1"}, "--rates: expected rates above 0"},
                                {{"--max-p99-us", "x"}, "--max-p99-us: expected"}};
  for (const Bad& bad : all) {
    const Finished run = RunSelftest(scratch, bad.arguments);
    INFO(run.err);
    CHECK(run.exit == 2);
    CHECK(Contains(run.err, bad.sentence));
  }
}

TEST_CASE("A self-test whose endpoint cannot be started ends with status 3 and a sentence", "[apps]") {
  const Scratch scratch;
  // Six descriptors are too few to listen.
  ChildProcess process(
      {"/bin/sh", "-c",
       "ulimit -n 6; exec " LLMDYNO_BINARY_DIR "/llmdyno-selftest --concurrency 1 --rates 50"},
      {.directory = scratch.path()});
  CHECK(process.Wait() == 3);
  CHECK(Contains(process.Err(), "llmdyno-selftest: the simulated endpoint cannot be started: "));
  const Finished nowhere =
      RunApp("llmdyno-selftest", {"--quick", "--concurrency", "1"},
             {.directory = scratch.path(), .environment = {{"TMPDIR", "/nowhere/at/all"}}});
  CHECK(nowhere.exit == 1);
  CHECK(Contains(nowhere.err, "cannot make a temporary folder"));
}

}  // namespace llmdyno
