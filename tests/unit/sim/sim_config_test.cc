#include "llmdyno/sim/sim_config.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using namespace std::chrono_literals;

absl::StatusOr<SimConfig> Make(std::string_view text) {
  const auto params = Params::Parse(text);
  if (!params.ok()) return params.status();
  return MakeSimConfig(*params);
}

std::string Problem(std::string_view text) { return std::string(Make(text).status().message()); }

TEST_CASE("A profile with settings becomes a config", "[sim][config]") {
  const auto config = Make("fast:ttft=50ms,itl=2ms,http_503=0.1,output_tokens=10-20,crlf=true,require_key=k");
  REQUIRE(config.ok());
  CHECK(config->pace == SimPace::kScripted);
  CHECK(config->ttft == 50ms);
  CHECK(config->itl == 2ms);
  CHECK(config->faults[Fault::kHttp503] == 0.1);
  CHECK(config->output_tokens.min == 10);
  CHECK(config->output_tokens.max == 20);
  CHECK(config->crlf);
  CHECK(config->require_key.Reveal() == "k");
}

TEST_CASE("fast is unpaced, scripted has a pace of its own, hardware profiles have an engine",
          "[sim][config]") {
  CHECK(Make("fast")->pace == SimPace::kImmediate);
  CHECK(Make("scripted")->pace == SimPace::kScripted);
  CHECK(Make("scripted")->itl == 10ms);
  const auto h100 = Make("h100-llama-3.1-8b:max_num_seqs=8");
  REQUIRE(h100.ok());
  CHECK(h100->pace == SimPace::kEngine);
  CHECK(h100->engine.max_num_seqs == 8);
  CHECK(h100->model == "meta-llama/Llama-3.1-8B-Instruct");
}

TEST_CASE("Unknown profiles and settings are named together with the nearest known one", "[sim][config]") {
  CHECK_THAT(Problem("h100-llama-3.1-8"),
             Catch::StartsWith("unknown profile 'h100-llama-3.1-8' (did you mean 'h100-llama-3.1-8b'?)"));
  CHECK_THAT(Problem("fast:ttf=1s"), Catch::StartsWith("fast: unknown setting 'ttf' (did you mean 'ttft'?)"));
}

TEST_CASE("Values out of range are sentences that name the setting and what is accepted", "[sim][config]") {
  CHECK(Problem("fast:ttft=soon") == "fast: ttft=soon: expected a duration such as 250ms or 1.5s");
  CHECK(Problem("fast:output_tokens=0") ==
        "fast: output_tokens=0-0: expected N or MIN-MAX with 1 <= MIN <= MAX");
  CHECK(Problem("fast:output_tokens=many") ==
        "fast: output_tokens=many: expected N or MIN-MAX, as in 200 or 100-300");
  CHECK_THAT(Problem("fast:drop=1.5"), Catch::Contains("drop=1.5") && Catch::Contains("from 0 to 1"));
  CHECK_THAT(Problem("fast:drop=0.7,http_500=0.7"), Catch::Contains("add up to 1.4"));
  CHECK_THAT(Problem("fast:port=70000"), Catch::Contains("port=70000: expected 0 to 65535"));
  CHECK_THAT(Problem("fast:tokens_per_chunk=0"), Catch::Contains("at least 1"));
  CHECK_THAT(Problem("fast:overload_status=500"), Catch::Contains("503 or 429"));
  CHECK_THAT(Problem("fast:lockstep=true"), Catch::Contains("an itl above 0"));
  CHECK_THAT(Problem("fast:reasoning_field=thoughts"), Catch::Contains("reasoning_content or reasoning"));
}

TEST_CASE("Settings of the other kind of profile are refused rather than ignored", "[sim][config]") {
  CHECK_THAT(Problem("l4-llama-3.2-3b:itl=1ms"), Catch::Contains("the engine model decides this"));
  CHECK_THAT(Problem("fast:max_num_seqs=4"), Catch::Contains("this profile has no engine"));
}

TEST_CASE("Faults that merely alter the form of a response combine with anything", "[sim][config]") {
  CHECK(Make("fast:drop=1,no_usage=1,no_done=1,drip=1").ok());
}

TEST_CASE("Every setting in the table for --help is one that is read, and the other way round",
          "[sim][config]") {
  Params unknown{.name = "fast", .settings = {{"?", "1"}}};
  const std::string message(MakeSimConfig(unknown).status().message());
  const std::string read = message.substr(message.find("it takes ") + 9);
  size_t count = 1 + static_cast<size_t>(std::count(read.begin(), read.end(), ','));
  CHECK(count == SimSettings().size());
  for (const SimChoice& setting : SimSettings()) {
    CHECK_THAT(", " + read + ", ", Catch::Contains(" " + setting.name + ","));
  }
}

TEST_CASE("Every profile in the table for --help can be made", "[sim][config]") {
  for (const SimChoice& profile : SimProfiles()) CHECK(Make(profile.name).ok());
}

TEST_CASE("Faults are found by the names they print", "[sim][config]") {
  for (size_t i = 0; i < kFaultCount; ++i)
    CHECK(FindFault(ToString(static_cast<Fault>(i))) == static_cast<Fault>(i));
  CHECK_FALSE(FindFault("http_418").has_value());
}

}  // namespace
}  // namespace llmdyno
