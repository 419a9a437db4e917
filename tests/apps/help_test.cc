// The pages of docs/cli hold what the programs print, and the defaults are those of the system we replace:
// A03.
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

}  // namespace

TEST_CASE("The pages of docs/cli show what --help prints", "[apps]") {
  struct Page {
    std::string file;
    std::string program;
    Arguments arguments;
  };
  const std::vector<Page> pages = {{"race.md", "llmdyno-race", {"--help"}},
                                   {"sim.md", "llmdyno-sim", {"--help"}},
                                   {"report.md", "llmdyno-report", {"--help"}},
                                   {"report.md", "llmdyno-report", {"cost", "--help"}}};
  for (const Page& page : pages) {
    const Finished help = RunApp(page.program, page.arguments);
    CHECK(help.exit == 0);
    CHECK(help.err.empty());
    INFO("docs/cli/" << page.file << " is out of date: put what `" << page.program
                     << (page.arguments.size() > 1 ? " " + page.arguments[0] : "")
                     << " --help` prints between the ``` lines under its 'Flags'");
    CHECK(Contains(ReadFile(std::string(LLMDYNO_DOCS_DIR "/cli/") + page.file), "```\n" + help.out + "```"));
  }
}

TEST_CASE("Help names the defaults of a race", "[apps]") {
  const Finished help = RunApp("llmdyno", {"race", "--help"});
  CHECK(help.exit == 0);
  const std::string flat = Flat(help.out);
  const auto has_default = [&](const std::string& flag, const std::string& value) {
    const std::vector<std::string> lines = LinesWith(flat, "  --" + flag + " ");
    INFO(flag);
    REQUIRE(lines.size() == 1);
    INFO(lines[0]);
    CHECK(Contains(lines[0], "[default: " + value));
  };
  has_default("target-tokens", "1000000");
  has_default("users", "80");
  has_default("spawn-rate", "20");
  has_default("max-tokens", "2048");
  has_default("prompt-min-tokens", "50");
  has_default("prompt-max-tokens", "150");
  has_default("dataset", "dolly");
  has_default("output-dir", "results");
  CHECK(LinesWith(flat, "  --tokenizer ").size() == 1);
  for (const std::string& line : Lines(help.out)) CHECK(line.size() <= 101);
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
  for (const std::string program : {"llmdyno", "llmdyno-race", "llmdyno-report"}) {
    const Finished version = RunApp(program, {"--version"});
    CHECK(version.exit == 0);
    CHECK(version.out.starts_with(program + " "));
  }
}

}  // namespace llmdyno
