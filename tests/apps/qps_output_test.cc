// The console and the files of llmdyno-qps: F16, F26, F28 to F32.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "3ms", "--itl", "1ms", "--output-tokens", "8"};

// Keys that begin an object, in their order. nlohmann's own object would sort them.
std::vector<std::string> FirstKeys(const std::string& text, size_t count) {
  const auto json = nlohmann::ordered_json::parse(text);
  const auto& object = json.is_array() ? json.at(0) : json;
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) {
    if (keys.size() < count) keys.push_back(key);
  }
  return keys;
}

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// An empty folder as PATH: whatever is asked for is not there.
ChildProcessOptions WithoutPrograms(const Scratch& scratch) {
  std::filesystem::create_directory(scratch.path() + "/no-programs");
  return {.directory = scratch.path(), .environment = {{"PATH", scratch.path() + "/no-programs"}}};
}

bool HasGnuplot() { return std::system("command -v gnuplot >/dev/null 2>&1") == 0; }

}  // namespace

// F16, F26
TEST_CASE("The table has its columns, left-justified, with the percentiles asked for", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const QpsRun run = RunQps(scratch, sim,
                            {"--qps", "20,40", "--duration", "0.5", "--percentiles", "50,99", "--gpu-rate",
                             "2", "--num-gpus", "1"});
  INFO(run.Said());
  CHECK(Contains(run.out,
                 "QPS Target   Actual QPS   Success%   TTFT P50(s)  TTFT P99(s)  E2E P50(s)   E2E P99(s)   "
                 "Tok/s P50    Tok/s P99    $/M Tokens"));
  // .1f, .2f, .1f, then seconds with three decimals, tokens/s with one, dollars with four.
  const std::regex row(
      "(20|40)\\.0 {9}[0-9]+\\.[0-9]{2} +100\\.0 +([0-9]+\\.[0-9]{3}~? +){4}([0-9]+\\.[0-9]~? "
      "+){2}\\$[0-9]+\\.[0-9]{4} .*");
  int rows = 0;
  for (const std::string& line : Lines(run.out)) rows += std::regex_match(line, row) ? 1 : 0;
  CHECK(rows == 2);
  CHECK_FALSE(Contains(run.out, "P95"));
  // The percentiles of the table are no business of the file's.
  CHECK(KeysOf(run.files.levels[0]["ttft"]) == std::vector<std::string>{"p50", "p90", "p95", "p99"});
  CHECK(run.files.metadata["percentiles"] == Json({50, 99}));
  CHECK(Contains(run.out, "Results: results/"));
  for (const std::string& line : Lines(run.err)) CHECK_FALSE(line.empty());
}

// F28, F29, F30
TEST_CASE("The files have the names, the keys and the order of the tool that they replace", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const QpsRun run =
      RunQps(scratch, sim, {"--qps", "10,20", "--duration", "0.5", "--gpu-rate", "2", "--num-gpus", "1"});
  INFO(run.Said());
  const std::string name = std::filesystem::path(run.files.folder).filename().string();
  CHECK(std::regex_match(name, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{2}-[0-9]{2}-[0-9]{2}")));
  CHECK(NamesIn(run.files.folder) ==
        std::vector<std::string>{"benchmark_qps_results.json", "metadata.json", "records.jsonl"});

  const std::string metadata = ReadFile(run.files.folder + "/metadata.json");
  CHECK(FirstKeys(metadata, 12) == std::vector<std::string>{"timestamp", "endpoint", "model", "dataset",
                                                            "qps_levels", "duration", "max_tokens",
                                                            "temperature", "percentiles", "show_tokens",
                                                            "token_counting", "cost_calculation"});
  CHECK(metadata.starts_with("{\n  \"timestamp\""));  // two blanks, as it was
  CHECK(run.files.metadata["endpoint"] == sim.url() + "/v1/chat/completions");
  CHECK(run.files.metadata["model"] == "m");
  CHECK(run.files.metadata["qps_levels"] == Json({10.0, 20.0}));
  CHECK(run.files.metadata["duration"] == 0.5);
  CHECK(run.files.metadata["max_tokens"] == 512);
  CHECK(run.files.metadata["temperature"] == 0.7);
  CHECK(run.files.metadata["seed"] == 0);
  CHECK(run.files.metadata["configuration"]["qps"] == "10,20");

  const std::string results = ReadFile(run.files.folder + "/benchmark_qps_results.json");
  CHECK(FirstKeys(results, 14) ==
        std::vector<std::string>{"qps_target", "actual_qps", "duration", "total_requests",
                                 "successful_requests", "failed_requests", "success_rate", "ttft",
                                 "e2e_latency", "tokens_per_sec", "errors", "status_codes", "actual_duration",
                                 "cost_analysis"});
  CHECK(results.starts_with("[\n  {\n    \"qps_target\""));
  REQUIRE(run.files.levels.is_array());
  for (const Json& level : run.files.levels) {
    CHECK(level["errors"].is_object());
    CHECK(level["status_codes"] == Json{{"200", level["total_requests"]}});
    for (const std::string key : {"total_input_tokens", "total_output_tokens", "total_tokens",
                                  "sustained_tokens_per_sec", "gpu_cost", "cost_per_million_tokens"}) {
      CHECK(level["cost_analysis"].contains(key));
    }
    CHECK(level["duration"] == level["actual_duration"]);
  }
}

TEST_CASE("The record log carries every request with its level, and is not shown as a race", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const QpsRun run = RunQps(scratch, sim, {"--qps", "10,20,30", "--duration", "0.5"});
  INFO(run.Said());
  std::set<int64_t> ids;
  for (const int level : {0, 1, 2}) {
    const std::vector<Json> records = run.files.Records(level);
    CHECK(records.size() == static_cast<size_t>(5 * (level + 1)));
    for (const Json& record : records) ids.insert(record["request_id"].get<int64_t>());
  }
  CHECK(ids.size() == 30);  // none of them twice
  const Finished show = RunApp("llmdyno-report", {"show", run.files.folder + "/records.jsonl"});
  CHECK(show.exit == 2);
  CHECK(Contains(show.err, "benchmark_qps_results.json"));
}

// F31
TEST_CASE("A plot of six panels is drawn where gnuplot is there", "[apps]") {
  if (!HasGnuplot()) {
    WARN("gnuplot is not installed: not tested");
    return;
  }
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const QpsRun run = RunQps(
      scratch, sim, {"--qps", "10,20", "--duration", "0.5", "--plot", "--gpu-rate", "2", "--num-gpus", "1"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  const std::string image = ReadFile(run.files.folder + "/benchmark_qps.png");
  CHECK(image.starts_with("\x89PNG"));
  CHECK(image.size() > 20'000);
  CHECK(Contains(run.files.metadata["files"]["plot"].get<std::string>(), "benchmark_qps.png"));
}

// F31
TEST_CASE("An SVG plot names its six panels", "[apps]") {
  if (!HasGnuplot()) {
    WARN("gnuplot is not installed: not tested");
    return;
  }
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const QpsRun run = RunQps(scratch, sim,
                            {"--qps", "10,20", "--duration", "0.5", "--plot", "--plot-output", "p.svg",
                             "--gpu-rate", "2", "--num-gpus", "1"});
  INFO(run.Said());
  const std::string image = ReadFile(run.files.folder + "/p.svg");
  for (const std::string part : {"first token", "nd-to-end", "tokens/s", "ost", "Summary", "ecommend"}) {
    INFO(part);
    CHECK(Contains(image, part));
  }
}

// F31
TEST_CASE("Without gnuplot the run is as good, and says what to install and how to draw later", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const Finished run =
      RunApp("llmdyno-qps", QpsFlags(scratch, sim.url(), {"--qps", "10", "--duration", "0.3", "--plot"}),
             WithoutPrograms(scratch));
  INFO(run.out << run.err);
  CHECK(run.exit == 0);
  REQUIRE(LinesWith(run.err, "gnuplot was not found").size() == 1);
  CHECK(Contains(run.err, "gnuplot-nox"));
  const std::string script = ReadFile(QpsFolders(scratch).at(0) + "/benchmark_qps.png.gp");
  CHECK(Contains(script, "benchmark_qps.png"));
}

// F32
TEST_CASE("Two runs of one second get two folders", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const Arguments flags = QpsFlags(scratch, sim.url(), {"--qps", "10", "--duration", "0.2"});
  const auto first = StartQps(scratch, flags);
  const auto second = StartQps(scratch, flags);
  const auto third = StartQps(scratch, flags);
  CHECK(first->Wait() == 0);
  CHECK(second->Wait() == 0);
  CHECK(third->Wait() == 0);
  const std::vector<std::string> folders = QpsFolders(scratch);
  REQUIRE(folders.size() == 3);
  for (const std::string& folder : folders) {
    CHECK(Json::parse(ReadFile(folder + "/benchmark_qps_results.json")).size() == 1);
    CHECK(JsonLines(ReadFile(folder + "/records.jsonl")).size() == 4);  // header, two records, finish line
  }
}

TEST_CASE("Results go where they are told to", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const Finished run =
      RunApp("llmdyno-qps", QpsFlags(scratch, sim.url(),
                                     {"--qps", "10", "--duration", "0.2", "--results-dir",
                                      scratch.path() + "/deep/down", "--output", "mine.json"}));
  INFO(run.out << run.err);
  CHECK(run.exit == 0);
  int found = 0;
  for (const auto& [path, text] : AllFiles(scratch.path() + "/deep/down")) {
    if (path.ends_with("/mine.json")) ++found;
  }
  CHECK(found == 1);
}

}  // namespace llmdyno
