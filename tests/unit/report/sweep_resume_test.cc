#include "llmdyno/report/sweep_resume.h"

#include <functional>
#include <nlohmann/json.hpp>

#include "llmdyno/report/sweep_json.h"
#include "made_sweep.h"
#include "support/catch.h"
#include "temporary_folder.h"

using namespace llmdyno;
using Json = nlohmann::ordered_json;

namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// What is to be measured: nothing was yet.
SweepReport Wanted(SweepReport report) {
  report.levels.clear();
  report.run_id = "another";
  return report;
}

absl::StatusOr<KeptLevels> Resume(const SweepReport& old, const SweepReport& wanted) {
  TemporaryFolder folder;
  return ReadKeptLevels(folder.Write("results.json", SweepResultsJson(old)), wanted);
}

std::vector<std::string> Keys(const KeptLevels& kept) {
  std::vector<std::string> keys;
  for (const KeptLevel& level : kept.levels) keys.push_back(level.key);
  return keys;
}

}  // namespace

TEST_CASE("Levels that were measured to their end are kept, with the id of their run",
          "[report][sweep_resume]") {
  const SweepReport old = MadeSweepOf(3);
  const auto kept = Resume(old, Wanted(old));
  REQUIRE(kept.ok());
  CHECK(kept->run_id == old.run_id);
  CHECK(Keys(*kept) == std::vector<std::string>{"1", "2", "4"});
  SweepReport again = Wanted(old);
  again.run_id = kept->run_id;
  again.kept_levels = kept->levels;
  CHECK(SweepResultsJson(again) == SweepResultsJson(old));
}

TEST_CASE("What was interrupted, refused or came to nothing is measured again", "[report][sweep_resume]") {
  SweepReport old = MadeSweepOf(5);
  old.levels[0].stop_reason = "interrupted";
  old.levels[1].stop_reason = "refused";
  old.levels[2].metrics.runs = 2;  // of three
  old.levels[3] = MadeSweepLevelReport({.in_flight = 8, .failed = 24});
  const auto kept = Resume(old, Wanted(old));
  REQUIRE(kept.ok());
  CHECK(Keys(*kept) == std::vector<std::string>{"16"});
}

TEST_CASE("Levels may be added to a file, and none is lost from it", "[report][sweep_resume]") {
  const SweepReport old = MadeSweepOf(3);
  SweepReport wanted = Wanted(old);
  wanted.sweep_values = {2, 64};
  const auto kept = Resume(old, wanted);
  REQUIRE(kept.ok());
  wanted.kept_levels = kept->levels;
  wanted.levels = {MadeSweepLevelReport({.in_flight = 64})};
  const Json json = Json::parse(SweepResultsJson(wanted));
  CHECK(json["metadata"]["batch_sizes"] == Json({2, 64, 1, 4}));
}

TEST_CASE("A file of another sweep is refused by the first setting that differs", "[report][sweep_resume]") {
  struct Change {
    std::string name;
    std::function<void(SweepReport&)> make;
  };
  const std::vector<Change> changes = {
      {"the kind of sweep", [](SweepReport& r) { r.kind = SweepKind::kSimple; }},
      {"the model was \"some/model\" there and is \"other\" now", [](SweepReport& r) { r.model = "other"; }},
      {"the endpoint", [](SweepReport& r) { r.api_base = "http://elsewhere/v1"; }},
      {"simulated", [](SweepReport& r) { r.is_simulated = true; }},
      {"the scenario", [](SweepReport& r) { r.scenario = "D(1,2)"; }},
      {"the dataset configuration", [](SweepReport& r) { r.dataset_config_json = "{}"; }},
      {"the way of loading", [](SweepReport& r) { r.is_sustained = true; }},
      {"the number of runs was 3 there and is 5 now", [](SweepReport& r) { r.num_runs = 5; }},
      {"max-tokens", [](SweepReport& r) { r.max_tokens = 100; }},
      {"the temperature was 0.7 there and is none now", [](SweepReport& r) { r.temperature.reset(); }},
      {"streaming", [](SweepReport& r) { r.stream = false; }},
      {"the seed", [](SweepReport& r) { r.seed = 43; }},
      {"the LoRA",
       [](SweepReport& r) {
         r.lora = SweepReport::Lora{"single", {"a"}, 0, 1};
       }},
      {"--shared_prefix was 0", [](SweepReport& r) { r.configuration_json = R"({"shared_prefix":64})"; }}};
  const SweepReport old = MadeSweepOf(2);
  for (const Change& change : changes) {
    SweepReport wanted = Wanted(old);
    change.make(wanted);
    const auto kept = Resume(old, wanted);
    CAPTURE(change.name, kept.status().ToString());
    REQUIRE_FALSE(kept.ok());
    CHECK(absl::IsFailedPrecondition(kept.status()));
    CHECK(Has(std::string(kept.status().message()), change.name));
    CHECK(Has(std::string(kept.status().message()), "results.json"));
  }
  SweepReport described = Wanted(old);
  described.description = "another text";
  described.warmup_runs = 7;
  CHECK(Resume(old, described).ok());
}

TEST_CASE("A simulated endpoint may have another port, but no other profile", "[report][sweep_resume]") {
  SweepReport old = MadeSweepOf(2);
  old.is_simulated = true;
  old.configuration_json = R"({"simulate":"fast"})";
  SweepReport wanted = Wanted(old);
  wanted.api_base = "http://127.0.0.1:45353/v1";
  wanted.endpoint = wanted.api_base + "/chat/completions";
  CHECK(Resume(old, wanted).ok());
  wanted.configuration_json = R"({"simulate":"fast:ttft=1s"})";
  CHECK(Has(std::string(Resume(old, wanted).status().message()), "--simulate"));
}

TEST_CASE("A file that is none of ours is refused", "[report][sweep_resume]") {
  TemporaryFolder folder;
  const SweepReport wanted = Wanted(MadeSweepOf(2));
  const auto problem = [&](const std::string& text) {
    const auto kept = ReadKeptLevels(folder.Write("results.json", text), wanted);
    CHECK(absl::IsInvalidArgument(kept.status()));
    return std::string(kept.status().message());
  };
  CHECK(Has(problem(R"({"metadata":{"model":"some/model"},"results":{"1":{}}})"), "another benchmark"));
  CHECK(Has(problem("not json"), "no JSON object"));
  CHECK(Has(problem("[1]"), "no JSON object"));
  CHECK(Has(problem("{}"), "no result of llmdyno-sweep"));
  CHECK(Has(problem(R"({"metadata":{"format":"llmdyno-sweep"},"results":3})"), "no results"));
  CHECK(absl::IsNotFound(ReadKeptLevels(folder.File("absent.json"), wanted).status()));
}
