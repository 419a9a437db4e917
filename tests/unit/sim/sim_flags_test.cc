// The command line of llmdyno-sim.
#include "sim_flags.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

std::string Problem(const std::vector<std::string>& arguments) {
  return std::string(ParseSimCommand(arguments).status().message());
}

TEST_CASE("Flags become a config, with hyphens or underscores, with = or a space", "[sim][flags]") {
  const auto command =
      ParseSimCommand({"--profile", "scripted", "--output-tokens=10-20", "--tokens_per_chunk", "2", "--ttft",
                       "1s", "--crlf", "--port", "0", "--require-key", "k"});
  REQUIRE(command.ok());
  CHECK(command->config.output_tokens.max == 20);
  CHECK(command->config.tokens_per_chunk == 2);
  CHECK(command->config.ttft == 1s);
  CHECK(command->config.crlf);
  CHECK(command->config.port == 0);
}

TEST_CASE("The port is 8000 unless given", "[sim][flags]") {
  CHECK(ParseSimCommand({})->config.port == 8000);
  CHECK(ParseSimCommand({"--port=9001"})->config.port == 9001);
}

TEST_CASE("Faults may be asked for together, one by one, or by status", "[sim][flags]") {
  const auto command = ParseSimCommand({"--fault", "http_503=0.2,drop=0.1", "--fault", "no-done=0.5",
                                        "--fail", "500:0.1", "--stall", "0.05", "--no-usage", "--empty=0.1"});
  REQUIRE(command.ok());
  const FaultRates& faults = command->config.faults;
  CHECK(faults[Fault::kHttp503] == 0.2);
  CHECK(faults[Fault::kDrop] == 0.1);
  CHECK(faults[Fault::kNoDone] == 0.5);
  CHECK(faults[Fault::kHttp500] == 0.1);
  CHECK(faults[Fault::kStall] == 0.05);
  CHECK(faults[Fault::kNoUsage] == 1);
  CHECK(faults[Fault::kEmpty] == 0.1);
}

TEST_CASE("What is wrong with a flag is a sentence that names it", "[sim][flags]") {
  CHECK_THAT(Problem({"--prot", "1"}), Catch::StartsWith("unknown flag --prot (did you mean --port?)"));
  CHECK(Problem({"--ttft", "soon"}) == "--ttft soon: expected a duration such as 250ms or 1.5s");
  CHECK_THAT(Problem({"--port", "-1"}), Catch::StartsWith("--port -1: expected 0 to 65535"));
  CHECK(Problem({"--port"}) == "--port: expected N behind it");
  CHECK_THAT(Problem({"--profile", "fasst"}), Catch::Contains("did you mean 'fast'?"));
  CHECK_THAT(Problem({"--fault", "dorp=1"}), Catch::Contains("did you mean 'drop'?"));
  CHECK_THAT(Problem({"--fail", "418:1"}), Catch::Contains("expected 429, 500 or 503"));
  CHECK_THAT(Problem({"--drop", "--fault", "drop=0.1"}), Catch::Contains("drop is given twice"));
  CHECK_THAT(Problem({"stray"}), Catch::StartsWith("'stray': expected a flag"));
}

TEST_CASE("The help names every flag and every profile", "[sim][flags]") {
  const std::string help = SimHelp();
  for (const SimChoice& profile : SimProfiles()) CHECK_THAT(help, Catch::Contains(profile.name));
  for (const char* flag :
       {"--fault ", "--fail ", "--delay ", "--reasoning ", "--extras", "--split ", "--log ", "--drop [P]"}) {
    CHECK_THAT(help, Catch::Contains(flag));
  }
  CHECK(ParseSimCommand({"--port", "1", "--help"})->wants_help);
}

}  // namespace
}  // namespace llmdyno
