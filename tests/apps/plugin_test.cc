// Plugins as people load them: good ones in every program, and what becomes of a benchmark when one
// misbehaves.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "apps/app_runs.h"
#include "apps/qps_runs.h"
#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

std::string PluginFile(const std::string& name) {
  return std::string(LLMDYNO_TEST_PLUGINS) + "/lib" + name + ".so";
}

Arguments With(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// The faulty plugin in a race that would go on for long: the workload goes wrong after some requests.
Arguments FaultyWorkload(const std::string& how, const Arguments& more = {}) {
  return With({"--plugin", PluginFile("faulty"), "--workload", "faulty:after=5,how=" + how, "--users", "2",
               "--spawn-rate", "0"},
              more);
}

SimProcess QuickSim() { return SimProcess({"--ttft", "2ms", "--itl", "1ms", "--output-tokens", "4"}); }

bool NamesThePlugin(const std::string& err, const std::string& name) {
  return Contains(err, "plugin '" + name + "'") && Contains(err, "lib" + name + ".so");
}

int64_t RecordsIn(const std::string& folder) {
  return std::ssize(LinesWith(ReadFile(folder + "/records.jsonl"), "\"record\""));
}

}  // namespace

TEST_CASE("A plugin's workload is raced with --plugin and --workload, settings and all", "[apps][plugins]") {
  const Scratch scratch;
  SimProcess sim = QuickSim();
  const RaceRun run =
      RunRace(scratch, sim.RaceFlags({"--plugin", PluginFile("good"), "--workload", "counting:words=2",
                                      "--num-requests", "12", "--save-text"}));
  INFO(run.err);
  REQUIRE(run.exit == 0);
  CHECK(run.files.Metric("successful") == 12);
  for (const Json& logged : sim.StopAndReadLog()) CHECK(Contains(QuestionOf(logged), "plugged word "));
}

TEST_CASE("LLMDYNO_PLUGIN_PATH is searched, and files in it that do not fit are warnings",
          "[apps][plugins]") {
  const Scratch scratch;
  const Finished listed = RunApp(
      "llmdyno-plugins", {}, {.environment = {{"LLMDYNO_PLUGIN_PATH", "/no/such:" LLMDYNO_TEST_PLUGINS}}});
  INFO(listed.err);
  CHECK(listed.exit == 0);
  CHECK(Contains(listed.out, "counting"));
  CHECK(Contains(listed.out, "words=3"));
  CHECK(Contains(listed.out, "words of a prompt"));
  CHECK(Contains(listed.out, "(LLMDYNO_PLUGIN_PATH)"));
  CHECK(LinesWith(listed.err, "warning: plugin '").size() == 8);
  CHECK(Contains(listed.err, "libother_abi.so"));
}

TEST_CASE("The list of plugins has the built-in entries with their settings, and the same as JSON",
          "[apps][plugins]") {
  const Finished text = RunApp("llmdyno", {"plugins"});
  CHECK(text.exit == 0);
  CHECK(Contains(text.out, "input_len=1024"));
  const Finished json = RunApp("llmdyno", {"plugins", "--json", "--plugin", PluginFile("good")});
  REQUIRE(json.exit == 0);
  const Json list = Json::parse(json.out);
  CHECK(list["plugins"].at(0)["name"] == "good");
  CHECK(list["plugins"].at(0)["origin"] == "--plugin");
  CHECK(list["plugins"].at(0)["entries"].at(0)["settings"].at(0) ==
        Json({{"name", "words"}, {"default", "3"}, {"help", "words of a prompt"}}));
  CHECK(list["built_in"].size() > 15);
}

TEST_CASE("A plugin that was named and cannot be loaded is told before anything is sent", "[apps][plugins]") {
  const auto [name, part] = GENERATE(table<std::string, std::string>({
      {"other_abi", "plugin ABI 42"},
      {"other_tag", "absl-20200225"},
      {"other_version", "0.0.9"},
      {"no_entry", "llmdyno_plugin_descriptor"},
      {"undefined_symbol", "forgotten::RegisterElsewhere("},
      {"throwing", "not today"},
      {"not_there", "does not exist"},
  }));
  const Scratch scratch;
  SimProcess sim = QuickSim();
  const Finished run = RunRaceOnly(scratch, sim.RaceFlags({"--plugin", PluginFile(name)}));
  INFO(run.err);
  CHECK(run.exit == 2);
  CHECK(Lines(run.err).size() == 1);
  CHECK(Contains(run.err, "llmdyno-race: --plugin: plugin '"));
  CHECK(Contains(run.err, "lib" + name + ".so"));
  CHECK(Contains(run.err, part));
  CHECK(sim.StopAndReadLog().empty());
}

TEST_CASE(
    "A workload that throws or gives nonsense ends the race, and what was measured is kept and reported",
    "[apps][plugins]") {
  const auto [how, part] = GENERATE(table<std::string, std::string>({
      {"throws", "threw std::runtime_error: the rows are used up"},
      {"throws_int", "threw int"},
      {"no_messages", "without messages"},
      {"negative_limit", "max_output_tokens is -5"},
      {"same_id", "ids count up from 0"},
      {"embeds", "cannot carry"},
      {"always_past", "past, 1000 times in a row"},
      {"far_ahead", "more than a year ahead"},
      {"throws_when_told", "RequestSource::OnFinished threw std::logic_error"},
  }));
  const Scratch scratch;
  const SimProcess sim = QuickSim();
  const RaceRun run = RunRace(scratch, sim.RaceFlags(FaultyWorkload(how)));
  INFO(how << ": " << run.err);
  CHECK(run.exit == 8);
  CHECK(NamesThePlugin(run.err, "faulty"));
  CHECK(Contains(run.err, part));
  CHECK(run.files.summary["stop_reason"] == "plugin_fault");
  // Two users: four requests had ended when the sixth was asked for, or three, and the others drain.
  CHECK(run.files.Metric("successful") >= 3);
  CHECK(run.files.Records().size() >= 5);
  for (const Json& record : run.files.Records()) CHECK(record["outcome"]["class"] == "ok");
  CHECK(Contains(run.out, "a plugin misbehaved"));
}

TEST_CASE("A factory that throws or makes nothing ends the race before anything is sent", "[apps][plugins]") {
  const std::string how = GENERATE("factory_throws", "factory_null");
  const Scratch scratch;
  SimProcess sim = QuickSim();
  const Finished run = RunRaceOnly(scratch, sim.RaceFlags(FaultyWorkload(how)));
  INFO(run.err);
  CHECK(run.exit == 8);
  CHECK(LinesWith(run.err, "plugin 'faulty'").size() == 1);
  CHECK(Contains(run.err, "the factory of the workload 'faulty'"));
  CHECK(sim.StopAndReadLog().empty());
}

TEST_CASE(
    "A call that blocks and comes back is a fault; one that does not, ends the program with its records kept",
    "[apps][plugins]") {
  const std::string how = GENERATE("blocks_a_while", "blocks");
  const Scratch scratch;
  const SimProcess sim = QuickSim();
  // Long against the pause with which the rest is written, short against an hour.
  const Finished run = RunRaceOnly(
      scratch, sim.RaceFlags(FaultyWorkload(how, {"--plugin-timeout", how == "blocks" ? "300ms" : "1s"})));
  INFO(run.err);
  CHECK(run.exit == 8);
  CHECK(NamesThePlugin(run.err, "faulty"));
  CHECK(Contains(run.err, "RequestSource::Next"));
  const std::string folder = RaceFolder(scratch);
  CHECK(RecordsIn(folder) >= 4);
  if (how == "blocks") {
    CHECK(Contains(run.err, "records so far are in"));
    const Finished shown = RunApp("llmdyno-report", {"show", folder});
    CHECK(shown.exit == 0);
    CHECK(Contains(shown.out, "Output Tokens"));
  } else {
    CHECK(ReadRace(scratch).summary["stop_reason"] == "plugin_fault");
  }
}

TEST_CASE(
    "A crash inside a plugin is told with the plugin, the call and the records, and is a crash all the same",
    "[apps][plugins]") {
#if defined(__SANITIZE_ADDRESS__)
  WARN("the sanitizer has handlers of its own: not tested");
  return;
#endif
  const auto [how, signal] = GENERATE(
      table<std::string, int>({{"crashes", SIGSEGV}, {"writes_to_null", SIGSEGV}, {"aborts", SIGABRT}}));
  const Scratch scratch;
  const SimProcess sim = QuickSim();
  const Finished run = RunRaceOnly(scratch, sim.RaceFlags(FaultyWorkload(how)));
  INFO(how << ": " << run.err);
  CHECK((run.exit == 128 + signal || run.exit == -signal));
  CHECK(NamesThePlugin(run.err, "faulty"));
  CHECK(Contains(run.err, "crashed (SIG"));
  CHECK(Contains(run.err, "in RequestSource::Next"));
  CHECK(RecordsIn(RaceFolder(scratch)) >= 4);
}

TEST_CASE("Sinks, dialects and arrival processes of plugins are caught as workloads are", "[apps][plugins]") {
  const Scratch scratch;
  const SimProcess sim = QuickSim();
  const auto fails = [&](const Arguments& more, const std::string& call) {
    const Scratch own;
    const Finished run = RunRaceOnly(own, sim.RaceFlags(With({"--plugin", PluginFile("faulty")}, more)));
    INFO(call << ": " << run.err);
    CHECK(run.exit == 8);
    CHECK(NamesThePlugin(run.err, "faulty"));
    CHECK(Contains(run.err, call));
  };
  fails({"--sink", "faulty:how=throws,after=2"}, "RecordSink::OnRecord");
  fails({"--dialect", "faulty:how=throws,after=2"}, "Dialect::Encode");
  fails({"--dialect", "faulty:how=no_decoder"}, "Dialect::NewDecoder");
  const QpsRun qps = RunQps(scratch, sim,
                            {"--plugin", PluginFile("faulty"), "--arrival", "faulty:how=goes_back,after=4",
                             "--qps", "20", "--duration", "2s"});
  INFO(qps.err);
  CHECK(qps.exit == 8);
  CHECK(Contains(qps.err, "ArrivalProcess::Next gave the offset"));
  CHECK(qps.files.levels.at(0)["stop_reason"] == "plugin_fault");
}

TEST_CASE("Every measuring program takes a plugin's workload", "[apps][plugins]") {
  const Arguments plugin = {"--plugin", PluginFile("good"), "--workload", "counting"};
  SimProcess sim = QuickSim();
  const Scratch scratch;
  {
    const Finished run =
        RunApp("llmdyno-qps", With({"--endpoint", sim.url(), "--model", "m", "--qps", "20", "--duration",
                                    "500ms", "--arrival", "pairs:gap=50ms", "--results-dir", scratch.path()},
                                   plugin));
    INFO(run.err);
    CHECK(run.exit == 0);
  }
  {
    const Finished run =
        RunServe(scratch, ServeFlags(sim, With({"--num-prompts", "5", "--backend", "openai-chat"}, plugin)));
    INFO(run.err);
    CHECK(run.exit == 0);
  }
  {
    const SweepRun run = RunSweep(scratch, sim, With({"--batch-sizes", "2", "--num-runs", "1"}, plugin));
    INFO(run.err);
    CHECK(run.exit == 0);
  }
  {
    const SweepRun run =
        RunSweep(scratch, sim, With({"--batch-sizes", "2", "--num-runs", "1"}, plugin), "simple");
    INFO(run.err);
    CHECK(run.exit == 0);
  }
  const auto logged = sim.StopAndReadLog();
  CHECK(logged.size() == 10 + 5 + 2 + 2);
  for (const Json& line : logged) CHECK(Contains(QuestionOf(line), "plugged word word "));
}

TEST_CASE("A sweep of a plugin that misbehaves keeps the levels before it", "[apps][plugins]") {
  const Scratch scratch;
  const SimProcess sim = QuickSim();
  const SweepRun run = RunSweep(scratch, sim,
                                {"--plugin", PluginFile("faulty"), "--workload", "faulty:after=3,how=throws",
                                 "--batch-sizes", "2,4", "--num-runs", "1"});
  INFO(run.err);
  CHECK(run.exit == 8);
  CHECK(NamesThePlugin(run.err, "faulty"));
  CHECK(run.json.at("results").at("2").at("stop_reason") == "target_requests");
}

TEST_CASE("A workload with fewer requests than a level needs is told, as another level would be measured",
          "[apps][plugins]") {
  const Scratch scratch;
  const SimProcess sim = QuickSim();
  const SweepRun run = RunSweep(scratch, sim,
                                {"--plugin", PluginFile("good"), "--workload", "counting:requests=3",
                                 "--batch-sizes", "4", "--num-runs", "1"});
  CHECK(run.exit == 2);
  CHECK(Contains(run.err, "has 3 requests, and a run of level 4 needs 4"));
}

TEST_CASE("Unknown workloads are told in every program with the nearest known one", "[apps][plugins]") {
  const std::string program = GENERATE("llmdyno-race", "llmdyno-qps", "llmdyno-sweep", "llmdyno-embed");
  const Finished run = RunApp(program, {"--simulate", "fast", "--workload", "synthetik"});
  INFO(run.err);
  CHECK(run.exit == 2);
  CHECK(Contains(run.err, "--workload: expected one of"));
  CHECK(Contains(run.err, "did you mean 'synthetic'?"));
}

}  // namespace llmdyno
