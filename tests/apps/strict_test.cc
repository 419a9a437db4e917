// --strict: a SUSPECT verdict is an exit status, the same in every app.
#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

constexpr int kSuspect = 5;
// Sends as fast as it can and gets everything at once: no client keeps up with that.
const Arguments kTooFast = {"--simulate", "fast", "--target-tokens", "200000"};

Arguments With(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

TEST_CASE("With --strict a race that is SUSPECT ends with status 5, and its files are complete", "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, With(kTooFast, {"--strict"}));
  INFO(race.out << race.err);
  CHECK(race.exit == kSuspect);
  CHECK(Contains(race.err, "the verdict is SUSPECT, and --strict was given"));
  const auto& verdict = race.files.summary["verdict"];
  CHECK(verdict["valid"] == false);
  REQUIRE_FALSE(verdict["doubts"].empty());
  CHECK(verdict["doubts"].size() == verdict["reasons"].size());
  CHECK(verdict["doubts"][0]["sentence"] == verdict["reasons"][0]);
  CHECK(verdict["doubts"][0]["figure"].get<double>() > verdict["doubts"][0]["limit"].get<double>());
  CHECK(verdict["health"]["shards"].size() == 1);

  // What the log alone tells is judged by the same limits.
  const Finished shown = RunApp("llmdyno-report", {"show", "--strict", race.files.folder});
  CHECK(shown.exit == (Contains(shown.out, "SUSPECT") ? kSuspect : 0));
  CHECK(RunApp("llmdyno-report", {"show", race.files.folder}).exit == 0);
}

TEST_CASE("The flag --strict changes nothing about a race that did not reach its target", "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast:ttft=1s", "--target-tokens", "1000000",
                                         "--max-duration", "200ms", "--drain-timeout", "0", "--strict"});
  CHECK(race.exit == 4);
}

TEST_CASE("With --strict every other app ends as its verdicts say", "[apps]") {
  const Scratch scratch;
  struct App {
    std::string program;
    Arguments arguments;
  };
  const std::vector<App> apps = {
      {"llmdyno-qps", {"--qps", "200", "--duration", "1s", "--max-tokens", "20", "--results-dir", "qps"}},
      {"llmdyno-qps",
       {"serve", "--dataset-name", "random", "--num-prompts", "100", "--save-result", "--result-dir",
        "serve"}},
      {"llmdyno-sweep",
       {"--scenario", "D(20,20)", "--batch-sizes", "2,64", "--num-runs", "2", "--results-file",
        "sweep/results.json"}},
      {"llmdyno-embed",
       {"--sequence-lengths", "20", "--batch-sizes", "2", "--num-runs", "2", "--results-file",
        "embed/results.json"}}};
  for (const App& app : apps) {
    const Finished run = RunApp(app.program, With(app.arguments, {"--simulate", "fast", "--strict"}),
                                {.directory = scratch.path()});
    INFO(app.program << " " << app.arguments[0] << "\n" << run.out << run.err);
    const bool is_suspect = Contains(run.out, "SUSPECT");
    CHECK(Contains(run.out, "VALID") != is_suspect);
    CHECK(run.exit == (is_suspect ? kSuspect : 0));
  }
}

TEST_CASE("Every shard has its figures, and the thread of decisions its own", "[apps]") {
  const Scratch scratch;
  const RaceRun race = RunRace(scratch, {"--simulate", "fast:ttft=5ms,itl=2ms,output_tokens=20",
                                         "--num-requests", "60", "--users", "6", "--threads", "3"});
  INFO(race.out << race.err);
  const auto& health = race.files.summary["verdict"]["health"];
  REQUIRE(health["shards"].size() == 3);
  for (const auto& shard : health["shards"]) CHECK(shard["cpu_share"].get<double>() > 0);
  CHECK(health["decision_thread"]["cpu_share"].is_number());
  CHECK(health["hand_over_lag_max_ms"].is_number());
  CHECK(health["segments_sent"].get<int64_t>() >= 60);
  CHECK(health["sends"] == 60);
}

}  // namespace llmdyno
