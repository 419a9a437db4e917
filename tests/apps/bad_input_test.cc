// Bad input is one sentence on standard error, status 2, and nothing is sent: A02 and the last item of the
// brief.
#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// Runs a race against a live endpoint with `more` flags; checks what every refusal has in common and returns
// the sentence.
std::string Refusal(const Arguments& more, bool may_ask_for_tokenizer = false) {
  const Scratch scratch;
  SimProcess sim({});
  const Finished race = RunRaceOnly(scratch, sim.RaceFlags(more));
  INFO(race.err << race.out);
  CHECK(race.exit == 2);
  CHECK(race.out.empty());
  CHECK(Lines(race.err).size() == 1);
  CHECK(RaceFolder(scratch).empty());
  const Json stats = sim.Stats();
  CHECK(stats["generations"] == 0);
  if (!may_ask_for_tokenizer) CHECK(stats["requests"] == 1);  // this question itself
  return race.err;
}

}  // namespace

TEST_CASE("A race without its required flags is refused and names them", "[apps]") {
  const Scratch scratch;
  const Finished race = RunRaceOnly(scratch, {});
  CHECK(race.exit == 2);
  CHECK(race.out.empty());
  CHECK(Lines(race.err).size() == 1);
  for (const std::string flag : {"--host", "--model", "--engine"}) CHECK(Contains(race.err, flag));
  const Finished partly = RunRaceOnly(scratch, {"--host", "http://localhost", "--engine", "e"});
  CHECK(partly.exit == 2);
  CHECK(Contains(partly.err, "--model"));
  CHECK_FALSE(Contains(partly.err, "--engine"));
}

TEST_CASE("An unknown flag is refused with the nearest known one", "[apps]") {
  CHECK(Contains(Refusal({"--target-token", "5"}),
                 "unknown flag --target-token; did you mean --target-tokens?"));
  CHECK(Contains(Refusal({"--target_token", "5"}), "did you mean --target-tokens?"));
  CHECK(Contains(Refusal({"surplus"}), "'surplus'"));
}

TEST_CASE("A count that is zero, negative or no number is refused with the accepted range", "[apps]") {
  for (const std::string flag : {"--users", "--target-tokens", "--num-requests", "--max-tokens",
                                 "--max-num-seqs", "--prompt-min-tokens", "--max-consecutive-failures"}) {
    for (const std::string value : {"0", "-3", "1.5", "many", ""}) {
      const Scratch scratch;
      const Finished race = RunRaceOnly(
          scratch, {"--host", "http://localhost:1", "--model", "m", "--engine", "e", flag + "=" + value});
      INFO(race.err);
      CHECK(race.exit == 2);
      CHECK(Lines(race.err).size() == 1);
      CHECK(Contains(race.err, flag + ": expected a whole number from 1 to"));
      CHECK(Contains(race.err, "'" + value + "'"));
    }
  }
}

TEST_CASE("A rate, a duration or a price that means nothing is refused by name", "[apps]") {
  CHECK(Contains(Refusal({"--spawn-rate", "-1"}), "--spawn-rate: "));
  CHECK(Contains(Refusal({"--duration", "0"}), "--duration: "));
  CHECK(Contains(Refusal({"--duration", "5 parsecs"}), "--duration: "));
  CHECK(Contains(Refusal({"--timeout", "-1s"}), "--timeout: "));
  CHECK(Contains(Refusal({"--price-per-hour", "-1"}), "--price-per-hour: "));
  CHECK(Contains(Refusal({"--price-per-hour", "nan"}), "--price-per-hour: "));
  CHECK(Contains(Refusal({"--api", "chats"}), "--api: "));
  CHECK(Contains(Refusal({"--extra-body", "{x"}), "--extra-body: "));
  CHECK(Contains(Refusal({"--extra-body", "[1]"}), "--extra-body: "));
  CHECK(Contains(Refusal({"--users"}), "--users: "));
}

TEST_CASE("A prompt range that is upside down is refused", "[apps]") {
  const std::string said = Refusal({"--prompt-min-tokens", "100", "--prompt-max-tokens", "50"});
  CHECK(Contains(said, "--prompt-min-tokens 100"));
  CHECK(Contains(said, "--prompt-max-tokens 50"));
}

TEST_CASE("A dataset file that cannot be read is refused by name", "[apps]") {
  const std::string said = Refusal({"--dataset", "dolly", "--dataset-path", "/nowhere/dolly.jsonl"});
  CHECK(Contains(said, "--dataset-path: "));
  CHECK(Contains(said, "'/nowhere/dolly.jsonl'"));
  CHECK(Contains(Refusal({"--dataset", "dolly", "--dataset-path", "/tmp"}), "a folder"));
  CHECK(Contains(Refusal({"--cacert", "/nowhere.pem"}), "--cacert: "));
  CHECK(Contains(Refusal({"--dataset", "doly"}), "did you mean 'dolly'?"));
}

TEST_CASE("A dataset whose usual file is not there is refused with the place it was looked for", "[apps]") {
  CHECK(Contains(Refusal({"--dataset", "sharegpt"}, true), "datasets/sharegpt.jsonl"));
}

// A06: lengths are the endpoint's to tell, so its tokenizer is asked; no prompt is sent for an answer.
TEST_CASE("A dataset without a prompt in the range is refused with the range that was found", "[apps]") {
  const Scratch scratch;
  const std::string path = scratch.Write(
      "d.jsonl",
      "{\"instruction\":\"one two three\"}\n{\"instruction\":\"one two three four five six seven\"}\n");
  const std::string said = Refusal({"--dataset", "dolly", "--dataset-path", path}, true);
  CHECK(Contains(said, "50 to 150 tokens"));
  CHECK(Contains(said, "3 to 7"));
}

TEST_CASE("A dataset file without a usable row is refused with what was wrong", "[apps]") {
  const Scratch scratch;
  const std::string path = scratch.Write("d.jsonl", "{\"question\":\"nobody reads this field\"}\n");
  const std::string said = Refusal({"--dataset", "dolly", "--dataset-path", path}, true);
  CHECK(Contains(said, path));
  CHECK(Contains(said, "instruction"));
}

TEST_CASE("A malformed URL is refused by name", "[apps]") {
  for (const std::string url :
       {"ht!tp://x", "ftp://host", "http://", "http://host:99999", "http://host:port", "://"}) {
    const Scratch scratch;
    const Finished race = RunRaceOnly(scratch, {"--host", url, "--model", "m", "--engine", "e"});
    INFO(url << " " << race.err);
    CHECK(race.exit == 2);
    CHECK(Lines(race.err).size() == 1);
    CHECK(Contains(race.err, "--base-url: "));
    CHECK(Contains(race.err, "'" + url + "'"));
  }
}

TEST_CASE("An unknown profile is refused with the nearest and all known ones", "[apps]") {
  const Scratch scratch;
  const Finished race = RunRaceOnly(scratch, {"--simulate", "h100-llama-3.1-8"});
  CHECK(race.exit == 2);
  CHECK(Lines(race.err).size() == 1);
  CHECK(Contains(race.err, "--simulate: "));
  CHECK(Contains(race.err, "did you mean 'h100-llama-3.1-8b'?"));
  CHECK(Contains(race.err, "l4-llama-3.2-3b"));
  CHECK(RaceFolder(scratch).empty());
}

TEST_CASE("An output folder that cannot be made is refused before the race", "[apps]") {
  CHECK(Contains(Refusal({"--output-dir", "/proc/nothing/here"}, true), "--output-dir: "));
}

TEST_CASE("The other programs refuse bad input in the same manner", "[apps]") {
  const auto refused = [](const std::string& program, const Arguments& arguments, const std::string& part) {
    const Finished run = RunApp(program, arguments);
    INFO(program << ": " << run.err);
    CHECK(run.exit == 2);
    CHECK(Lines(run.err).size() == 1);
    CHECK(run.out.empty());
    CHECK(Contains(run.err, part));
  };
  refused("llmdyno", {"rase"}, "did you mean 'race'?");
  refused("llmdyno-sim", {"--tftt", "5ms"}, "did you mean --ttft?");
  refused("llmdyno-sim", {"--drop", "2"}, "--drop");
  refused("llmdyno-sim", {"--profile", "a10"}, "--profile");
  refused("llmdyno-report", {"shwo"}, "did you mean show?");
  refused("llmdyno-report", {"show", "/nowhere"}, "'/nowhere'");
  refused("llmdyno-report", {"compare", "/nowhere"}, "two or more");
  refused("llmdyno-report", {"cost", "--csv", "/nowhere", "--price-per-hour", "1"}, "'/nowhere'");
  refused("llmdyno-report", {"cost"}, "--csv");
}

}  // namespace llmdyno
