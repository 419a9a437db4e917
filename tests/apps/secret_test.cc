// X03: no secret in any file or on any console, not even when the endpoint says it back.
#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const std::string kKey = "sk-do-not-tell-8d1f03";
const std::string kHeaderValue = "tenant-do-not-tell-55aa";

void CheckNothingTold(const Finished& race, const Scratch& scratch) {
  INFO(race.err << race.out);
  for (const std::string& secret : {kKey, kHeaderValue}) {
    CHECK_FALSE(Contains(race.out, secret));
    CHECK_FALSE(Contains(race.err, secret));
    for (const auto& [path, text] : AllFiles(scratch.path())) {
      INFO(path);
      CHECK_FALSE(Contains(text, secret));
    }
  }
}

}  // namespace

TEST_CASE("A key and the values of headers are sent, and are in no file and on no console", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--require-key", kKey, "--output-tokens", "10"});
  const RaceRun race =
      RunRace(scratch, sim.RaceFlags({"--api-key", kKey, "--header", "X-Tenant: " + kHeaderValue,
                                      "--target-tokens", "200", "--users", "2", "--save-text"}));
  CHECK(race.exit == 0);
  CheckNothingTold(race, scratch);
}

TEST_CASE("A key of the environment is used and not told", "[apps]") {
  const Scratch scratch;
  const SimProcess sim({"--require-key", kKey, "--output-tokens", "10"});
  const Finished race = RunApp("llmdyno-race", sim.RaceFlags({"--target-tokens", "100", "--users", "2"}),
                               {.directory = scratch.path(), .environment = {{"OPENAI_API_KEY", kKey}}});
  CHECK(race.exit == 0);
  CheckNothingTold(race, scratch);
}

TEST_CASE("A key that the endpoint says back is not told", "[apps]") {
  const std::string type = GENERATE("application/json", "text/html", "text/event-stream");
  const int status = GENERATE(200, 401, 503);
  INFO(type << " " << status);
  std::string seen;
  auto tattler = std::make_unique<OddServer>([&](const std::string& request) {
    seen += request;
    const std::string said = "Incorrect API key provided: " + kKey + " of " + kHeaderValue;
    if (type == "text/html") return HttpReply(status, type, "<html>" + said + "</html>");
    const std::string json = Json{{"error", {{"message", said}}}}.dump();
    return HttpReply(status, type, type == "application/json" ? json : "data: " + json + "\n\n");
  });
  const Scratch scratch;
  const Finished race = RunRaceOnly(
      scratch, {"--host", tattler->url(), "--model", "m", "--engine", "e", "--api-key", kKey, "--header",
                "X-Tenant: " + kHeaderValue, "--num-requests", "2", "--max-num-seqs", "1", "--save-text"});
  CHECK(race.exit == 3);
  tattler.reset();  // from here on its thread writes no more
  CHECK(Contains(seen, kKey));
  CheckNothingTold(race, scratch);
}

TEST_CASE("A key in the wrong place is not repeated in the complaint", "[apps]") {
  const Scratch scratch;
  const Finished race = RunRaceOnly(scratch, {"--simulate", "fast", "--header", kKey});
  CHECK(race.exit == 2);
  CheckNothingTold(race, scratch);
  const Finished mistyped = RunRaceOnly(scratch, {"--simulate", "fast", "--api-kye=" + kKey});
  CHECK(mistyped.exit == 2);
  CheckNothingTold(mistyped, scratch);
  const Finished apart = RunRaceOnly(scratch, {"--simulate", "fast", "--api-kye", kKey});
  CHECK(apart.exit == 2);
  CheckNothingTold(apart, scratch);
}

}  // namespace llmdyno
