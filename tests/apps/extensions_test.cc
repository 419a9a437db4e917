// --dialect, --sink, --report: the same in every measuring app; and llmdyno-report write.
#include <filesystem>

#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

namespace fs = std::filesystem;

constexpr int kInternal = 1;
constexpr int kBadInput = 2;

Arguments With(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

struct App {
  std::string program;
  Arguments arguments;
  std::string summary;  // where --report markdown puts it, or the end of its name
};

// Each in virtual time, with requests that fail: every tenth gets a 503.
const std::vector<App> kApps = {
    {"llmdyno-race", {"--num-requests", "60", "--output-dir", "out"}, "summary.md"},
    {"llmdyno-qps",
     {"--qps", "20", "--duration", "3s", "--max-tokens", "20", "--results-dir", "out", "--stop-below", "0"},
     "summary.md"},
    {"llmdyno-qps",
     {"serve", "--dataset-name", "random", "--num-prompts", "60", "--save-result", "--result-dir", "out"},
     ".summary.md"},
    {"llmdyno-sweep",
     {"--scenario", "D(20,20)", "--batch-sizes", "30", "--num-runs", "2", "--results-file",
      "out/results.json"},
     "results.summary.md"},
    {"llmdyno-embed",
     {"--sequence-lengths", "20", "--batch-sizes", "30", "--num-runs", "2", "--results-file",
      "out/results.json"},
     "results.summary.md"}};
const Arguments kSimulated = {"--simulate", "scripted:ttft=20ms,itl=5ms,http_503=0.1"};

// The only file below the folder whose path ends so; empty without one.
std::string FileEndingIn(const std::string& folder, const std::string& end) {
  std::string found;
  for (const auto& [path, text] : AllFiles(folder)) {
    if (!path.ends_with(end)) continue;
    CHECK(found.empty());
    found = path;
  }
  return found;
}

}  // namespace

TEST_CASE("Every app writes the failed requests and the summary that were asked for", "[apps]") {
  for (const App& app : kApps) {
    const Scratch scratch;
    const Finished run = RunApp(
        app.program, With(app.arguments, With(kSimulated, {"--sink", "failures", "--report", "markdown"})),
        {.directory = scratch.path()});
    INFO(app.program << " " << app.arguments[0] << "\n" << run.out << run.err);
    CHECK(run.exit == 0);
    const std::string summary = FileEndingIn(scratch.path(), app.summary);
    REQUIRE_FALSE(summary.empty());
    const std::string text = ReadFile(summary);
    CHECK(text.starts_with("## "));
    CHECK(Contains(text, "**SIMULATED**"));
    CHECK(Contains(text, "**Verdict: "));
    CHECK(Contains(run.err, "Report: "));
    const std::string failures = FileEndingIn(scratch.path(), "failures.jsonl");
    REQUIRE_FALSE(failures.empty());
    const std::vector<Json> lines = JsonLines(ReadFile(failures));
    REQUIRE_FALSE(lines.empty());
    for (const Json& line : lines) CHECK(line["class"] != "ok");
  }
}

TEST_CASE("A result names the sinks and writers that were used, not their settings", "[apps]") {
  const Scratch scratch;
  const Finished run = RunApp(
      kApps[0].program,
      With(kApps[0].arguments, With(kSimulated, {"--sink", "failures:path=" + scratch.path() + "/f.jsonl",
                                                 "--report", "markdown:file_name=short.md"})),
      {.directory = scratch.path()});
  INFO(run.out << run.err);
  REQUIRE(run.exit == 0);
  const Json configuration =
      Json::parse(ReadFile(FileEndingIn(scratch.path(), "summary.json")))["configuration"];
  CHECK(configuration["sink"] == Json{"failures"});
  CHECK(configuration["report"] == Json{"markdown"});
  CHECK(configuration["plugin"] == Json::array());
}

TEST_CASE("Every app refuses an unknown extension with the nearest one before it sends anything", "[apps]") {
  const std::vector<std::pair<Arguments, std::string>> wrong = {
      {{"--dialect", "opnai"}, "--dialect: unknown dialect 'opnai' (did you mean 'openai'?)"},
      {{"--dialect", "openai:x=1"}, "--dialect: "},
      {{"--sink", "failure"}, "--sink: unknown record sink 'failure' (did you mean 'failures'?)"},
      {{"--report", "markdwon"}, "--report: unknown report writer 'markdwon' (did you mean 'markdown'?)"},
      {{"--report", "markdown:file=x"}, "--report: "},
      {{"--sink", ":a=b"}, "--sink: "}};
  for (const App& app : kApps) {
    const Scratch scratch;
    const SimProcess sim({});
    const int before = sim.Stats()["requests"];
    const std::string url_flag = app.program == "llmdyno-race" || app.arguments[0] == "serve" ? "--base-url"
                                 : app.program == "llmdyno-qps"                               ? "--endpoint"
                                                                                              : "--api-base";
    for (const auto& [flags, sentence] : wrong) {
      Arguments arguments = With(app.arguments, {url_flag, sim.url(), "--model", "m"});
      if (app.program == "llmdyno-race") arguments.insert(arguments.end(), {"--engine", "e"});
      if (app.program == "llmdyno-qps" && app.arguments[0] != "serve") {
        arguments.insert(arguments.end(), {"--dataset", "synthetic"});
      }
      const Finished run = RunApp(app.program, With(arguments, flags), {.directory = scratch.path()});
      INFO(app.program << " " << flags[0] << " " << flags[1] << "\n" << run.err);
      CHECK(run.exit == kBadInput);
      CHECK(Contains(run.err, sentence));
    }
    CHECK(sim.Stats()["requests"] == before + 1);  // this very question
  }
}

TEST_CASE("A sink that cannot keep what it gets is status 1, and the result is whole", "[apps]") {
  for (const App& app : kApps) {
    const Scratch scratch;
    const Finished run = RunApp(
        app.program,
        With(app.arguments, With(kSimulated, {"--sink", "failures:path=/dev/full", "--report", "markdown"})),
        {.directory = scratch.path()});
    INFO(app.program << " " << app.arguments[0] << "\n" << run.out << run.err);
    CHECK(run.exit == kInternal);
    CHECK(Contains(run.err, "record sink 'failures': "));
    CHECK(Contains(run.err, "/dev/full"));
    CHECK_FALSE(FileEndingIn(scratch.path(), app.summary).empty());
    int64_t results = 0;
    for (const auto& [path, text] : AllFiles(scratch.path())) {
      if (!path.ends_with(".json")) continue;
      ++results;
      CHECK_FALSE(Json::parse(text, nullptr, false).is_discarded());
    }
    CHECK(results > 0);
  }
}

TEST_CASE("A result that is written later is written as the run would have", "[apps]") {
  const Scratch scratch;
  for (const App& app : kApps) {
    const std::string folder = scratch.path() + "/" + app.program + app.arguments[0];
    fs::create_directories(folder);
    const Finished run = RunApp(app.program, With(app.arguments, With(kSimulated, {"--report", "markdown"})),
                                {.directory = folder});
    INFO(app.program << " " << app.arguments[0] << "\n" << run.err);
    REQUIRE(run.exit == 0);
    const std::string summary = FileEndingIn(folder, app.summary);
    REQUIRE_FALSE(summary.empty());
    const std::string at_once = ReadFile(summary);
    // The folder of the result, or the file beside the summary.
    const bool has_own_folder = app.summary == "summary.md";
    const std::string stem = summary.substr(0, summary.size() - std::string("summary.md").size());
    const std::string result = has_own_folder ? stem : stem + "json";
    const Finished printed =
        RunApp("llmdyno-report", {"write", result, "--report", "markdown", "--out", "-"});
    INFO(printed.err);
    CHECK(printed.exit == 0);
    CHECK(printed.out == at_once);
    fs::remove(summary);
    CHECK(RunApp("llmdyno-report", {"write", result}).exit == 0);
    CHECK(ReadFile(summary) == at_once);
    CHECK(RunApp("llmdyno-report", {"write", result, "--out", folder + "/elsewhere"}).exit == 0);
    CHECK(ReadFile(folder + "/elsewhere/summary.md") == at_once);
  }
}

TEST_CASE("What cannot be written is refused by its name", "[apps]") {
  const Scratch scratch;
  const std::string log = scratch.Write("notes.txt", "no JSON");
  CHECK(Contains(RunApp("llmdyno-report", {"write"}).err, "write needs one file or folder"));
  CHECK(Contains(RunApp("llmdyno-report", {"write", log}).err, "notes.txt' is not JSON"));
  CHECK(Contains(RunApp("llmdyno-report", {"write", scratch.path() + "/none"}).err, "there is no file"));
  const std::string other = scratch.Write("other.txt", "{}");
  CHECK(Contains(RunApp("llmdyno-report", {"write", other}).err, "of no kind that it knows"));
  const Finished unknown = RunApp("llmdyno-report", {"write", other, "--report", "markdwon"});
  CHECK(unknown.exit == kBadInput);
  CHECK(Contains(unknown.err, "did you mean 'markdown'?"));
}

TEST_CASE("A dialect that an app is told to use is the one that goes over the wire", "[apps]") {
  const Scratch scratch;
  SimProcess sim({});
  const Finished run =
      RunApp("llmdyno-embed",
             {"--sequence-lengths", "20", "--batch-sizes", "2", "--num-runs", "1", "--api-base", sim.url(),
              "--model", "m", "--results-file", "out/results.json", "--dialect", "embeddings:api=tei"},
             {.directory = scratch.path()});
  INFO(run.out << run.err);
  CHECK(run.exit == 0);
  const Json results = Json::parse(ReadFile(scratch.path() + "/out/results.json"));
  CHECK(results["metadata"]["endpoint"] == sim.url() + "/embed");
  CHECK(results["metadata"]["configuration"]["dialect"] == "embeddings:api=tei");
  // Races send conversations, which this dialect does not carry: told before anything counts as a failure.
  const Finished race =
      RunApp("llmdyno-race", sim.RaceFlags({"--num-requests", "5", "--dialect", "embeddings"}),
             {.directory = scratch.path()});
  INFO(race.out << race.err);
  CHECK(race.exit != 0);
}

}  // namespace llmdyno
