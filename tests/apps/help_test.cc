// The pages of docs/cli hold what the programs print, and the defaults are those of the systems we replace:
// A03, F02.
#include <algorithm>
#include <filesystem>
#include <set>

#include "../../apps/llmdyno/commands.h"
#include "apps/app_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

// The text of help, with its broken lines joined.
std::string Flat(const std::string& help) {
  std::string flat;
  for (const std::string& line : Lines(help)) {
    const size_t text = line.find_first_not_of(' ');
    if (text == 34) {
      flat += (flat.ends_with(' ') ? "" : " ") + line.substr(text);
    } else {
      flat += "\n" + line;
    }
  }
  return flat;
}

// That the help of a program names this default of a flag.
void CheckDefault(const std::string& flat, const std::string& flag, const std::string& value) {
  const std::vector<std::string> lines = LinesWith(flat, "  --" + flag + " ");
  INFO(flag);
  REQUIRE(lines.size() == 1);
  INFO(lines[0]);
  CHECK(Contains(lines[0], "[default: " + value));
}

}  // namespace

// The page that a program or a subcommand has to be on.
std::string PageOf(std::string_view program, std::string_view subcommand) {
  if (subcommand == "serve") return "serve.md";
  return std::string(program.substr(std::string_view("llmdyno-").size())) + ".md";
}

void CheckHelpIsOnPage(std::string_view program, std::string_view subcommand) {
  Arguments arguments = {"--help"};
  if (!subcommand.empty()) arguments.insert(arguments.begin(), std::string(subcommand));
  const Finished help = RunApp(std::string(program), arguments);
  const std::string page = PageOf(program, subcommand);
  INFO("docs/cli/" << page << " is out of date: put what `" << program << " " << subcommand
                   << " --help` prints between the ``` lines under its 'Flags'");
  CHECK(help.exit == 0);
  CHECK(help.err.empty());
  CHECK(Contains(ReadFile(LLMDYNO_DOCS_DIR "/cli/" + page), "```\n" + help.out + "```"));
}

TEST_CASE("The pages of docs/cli show what --help of each program and subcommand prints", "[apps]") {
  std::set<std::string_view> programs;
  for (const Command& command : kCommands) programs.insert(command.program);
  REQUIRE(programs.size() >= 7);
  for (const std::string_view program : programs) CheckHelpIsOnPage(program, "");
  for (const Subcommand& subcommand : kSubcommands) CheckHelpIsOnPage(subcommand.program, subcommand.name);
}

TEST_CASE("Each page of docs/cli begins with what one does with the program and a command to copy",
          "[apps]") {
  size_t pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LLMDYNO_DOCS_DIR "/cli")) {
    if (entry.path().filename() == "README.md") continue;
    INFO(entry.path());
    ++pages;
    const std::vector<std::string> lines = Lines(ReadFile(entry.path().string()));
    REQUIRE(lines.size() > 10);
    CHECK(lines[0].starts_with("# "));
    // A sentence or two, then the command: all on the first screen.
    const auto block = std::find(lines.begin(), lines.begin() + 10, "```");
    REQUIRE(block < lines.begin() + 10);
    CHECK(block > lines.begin() + 2);
    CHECK((block + 1)->starts_with("llmdyno "));  // help would begin with "llmdyno-race: "
  }
  CHECK(pages >= 8);
}

TEST_CASE("Help names the defaults of a race", "[apps]") {
  const Finished help = RunApp("llmdyno", {"race", "--help"});
  CHECK(help.exit == 0);
  const std::string flat = Flat(help.out);
  CheckDefault(flat, "target-tokens", "1000000");
  CheckDefault(flat, "users", "80");
  CheckDefault(flat, "spawn-rate", "20");
  CheckDefault(flat, "max-tokens", "2048");
  CheckDefault(flat, "prompt-min-tokens", "50");
  CheckDefault(flat, "prompt-max-tokens", "150");
  CheckDefault(flat, "dataset", "dolly");
  CheckDefault(flat, "output-dir", "results");
  CHECK(LinesWith(flat, "  --tokenizer ").size() == 1);
  for (const std::string& line : Lines(help.out)) CHECK(line.size() <= 101);
}

// F02
TEST_CASE("Help names the flags of a QPS benchmark and their defaults", "[apps]") {
  const Finished help = RunApp("llmdyno", {"qps", "--help"});
  CHECK(help.exit == 0);
  const std::string flat = Flat(help.out);
  for (const std::string flag :
       {"endpoint", "api-key", "model", "dataset", "show-tokens", "plot", "gpu-rate", "num-gpus"}) {
    INFO(flag);
    CHECK(LinesWith(flat, "  --" + flag + " ").size() == 1);
  }
  CheckDefault(flat, "qps", "1,5,10,20]");
  CheckDefault(flat, "duration", "1m]");
  CheckDefault(flat, "max-tokens", "512]");
  CheckDefault(flat, "temperature", "0.7]");
  CheckDefault(flat, "percentiles", "50,95,99]");
  CheckDefault(flat, "output", "benchmark_qps_results.json]");
  CheckDefault(flat, "plot-output", "benchmark_qps.png]");
  CheckDefault(flat, "results-dir", "results]");
  CheckDefault(flat, "timeout", "1m]");
  for (const std::string& line : Lines(help.out)) {
    CHECK(line.size() <= 100);
    CHECK_FALSE(line.ends_with(' '));
  }
}

// G.1 of the reference
TEST_CASE("Help names the defaults of the serving benchmark", "[apps]") {
  const Finished help = RunApp("llmdyno", {"serve", "--help"});
  CHECK(help.exit == 0);
  const std::string flat = Flat(help.out);
  CheckDefault(flat, "dataset-name", "sharegpt]");
  CheckDefault(flat, "num-prompts", "1000]");
  CheckDefault(flat, "request-rate", "inf]");
  CheckDefault(flat, "seed", "0]");
  CheckDefault(flat, "sonnet-input-len", "550]");
  CheckDefault(flat, "sonnet-output-len", "150]");
  CheckDefault(flat, "sonnet-prefix-len", "200]");
  CheckDefault(flat, "host", "localhost]");
  CheckDefault(flat, "port", "8000]");
}

// B02
TEST_CASE("Help names the flags of the simple benchmark and their defaults", "[apps]") {
  const Finished help = RunApp("llmdyno", {"simple", "--help"});
  CHECK(help.exit == 0);
  const std::string flat = Flat(help.out);
  CheckDefault(flat, "dataset-key", "aime]");
  CheckDefault(flat, "api-base", "http://localhost:8000/v1]");
  CheckDefault(flat, "batch-sizes", "1,2,4,8]");
  CheckDefault(flat, "num-runs", "3]");
  CheckDefault(flat, "warmup-runs", "3]");
  CheckDefault(flat, "max-tokens", "100]");
  CheckDefault(flat, "temperature", "0.5]");
  CheckDefault(flat, "seed", "42]");
  CheckDefault(flat, "results-file", "async_benchmark_results.json]");
  for (const std::string flag : {"model", "n-cores", "description"}) {
    INFO(flag);
    CHECK(LinesWith(flat, "  --" + flag + " ").size() == 1);
  }
}

// D02
TEST_CASE("Help names the flags of an embedding benchmark and their defaults", "[apps]") {
  const Finished help = RunApp("llmdyno", {"embed", "--help"});
  CHECK(help.exit == 0);
  const std::string flat = Flat(help.out);
  CheckDefault(flat, "api-base", "http://localhost:8000/v1]");
  CheckDefault(flat, "batch-sizes", "1,2,4,8,16]");
  CheckDefault(flat, "sequence-lengths", "short,medium,long,mixed]");
  CheckDefault(flat, "num-runs", "3]");
  CheckDefault(flat, "warmup-runs", "2]");
  CheckDefault(flat, "seed", "42]");
  CheckDefault(flat, "results-file", "embedding_benchmark_results.json]");
  for (const std::string flag : {"model", "description", "save-progress"}) {
    INFO(flag);
    CHECK(LinesWith(flat, "  --" + flag + " ").size() == 1);
  }
}

// C.1 of the reference
TEST_CASE("Help names the flags of a sweep and their defaults", "[apps]") {
  const Finished help = RunApp("llmdyno", {"sweep", "--help"});
  CHECK(help.exit == 0);
  const std::string flat = Flat(help.out);
  CheckDefault(flat, "api-base", "http://localhost:8000/v1]");
  CheckDefault(flat, "batch-sizes", "1,2,4,8]");
  CheckDefault(flat, "num-runs", "3]");
  CheckDefault(flat, "warmup-runs", "3]");
  CheckDefault(flat, "temperature", "0.7]");
  CheckDefault(flat, "seed", "42]");
  CheckDefault(flat, "num-completions", "1]");
  CheckDefault(flat, "image-size", "512]");
  CheckDefault(flat, "zipf-alpha", "1.0]");
  CheckDefault(flat, "steady-state-threshold", "0.8]");
  for (const std::string flag :
       {"scenario", "dataset-config", "tokenizer", "max-concurrency", "num-prompts", "replay-dataset",
        "num-images", "input-tokens", "lora-strategy", "lora-names", "base-model-ratio", "ignore-eos",
        "stream", "timeout", "results-file"}) {
    INFO(flag);
    CHECK(LinesWith(flat, "  --" + flag + " ").size() == 1);
  }
}

// X06
TEST_CASE("The simulator's help lists delays, faults, usage, reasoning and every route", "[apps]") {
  const Finished help = RunApp("llmdyno", {"sim", "--help"});
  CHECK(help.exit == 0);
  for (const std::string part :
       {"--ttft",         "--itl",        "--delay",       "--split",     "--keepalive", "--reasoning",
        "--crlf",         "--role-chunk", "--require-key", "--http-429",  "--http-500",  "--http-503",
        "--drop",         "--cut",        "--stall",       "--stall-mid", "--drip",      "--sse-error",
        "--bad-json",     "--empty",      "--no-usage",    "--no-done",   "--short",     "--extras",
        "/v1/embeddings", "/v1/rerank",   "images",        "/tokenize",   "/metrics",    "/stats"}) {
    INFO(part);
    CHECK(Contains(help.out, part));
  }
}

TEST_CASE("Every program knows its version", "[apps]") {
  for (const std::string program :
       {"llmdyno", "llmdyno-qps", "llmdyno-race", "llmdyno-report", "llmdyno-sweep", "llmdyno-embed"}) {
    const Finished version = RunApp(program, {"--version"});
    CHECK(version.exit == 0);
    CHECK(version.out.starts_with(program + " "));
  }
}

}  // namespace llmdyno
