// What llmdyno-sweep sends, by the simulator's log: C01, C13 to C15, C20, C21, C26, C31 to C34, C39.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "3ms", "--itl", "1ms"};

int Words(const std::string& text) {
  int words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n';
    words += !is_space && !inside ? 1 : 0;
    inside = !is_space;
  }
  return words;
}

std::vector<std::string> Questions(const std::vector<Json>& logged) {
  std::vector<std::string> questions;
  for (const Json& request : logged) questions.push_back(QuestionOf(request));
  return questions;
}

std::map<std::string, int> ModelsOf(const std::vector<Json>& logged) {
  std::map<std::string, int> models;
  for (const Json& request : logged) ++models[BodyOf(request)["model"].get<std::string>()];
  return models;
}

}  // namespace

// C01, C13, C20
TEST_CASE("A deterministic scenario sends streams of exactly the lengths asked for", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run =
      RunSweep(scratch, sim, {"--scenario", "D(100,5)", "--batch-sizes", "1,4", "--num-runs", "2"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE(logged.size() == 10);
  for (const Json& request : logged) {
    const Json body = BodyOf(request);
    CHECK(body["stream"] == true);
    CHECK(body["stream_options"]["include_usage"] == true);
    CHECK(body["max_tokens"] == 5);
    CHECK(request["prompt_tokens"] == 100);  // the simulator's tokens are words, and it says so at /tokenize
  }
  for (const Json& record : run.Records(0)) {
    CHECK(record["target_input_tokens"] == 100);
    CHECK(record["input_tokens"]["tokens"] == 100);
  }
  const Json& check = run.Level("4").at("input_length_check");
  CHECK(check["requests"] == 8);
}

TEST_CASE("No two prompts of a sweep begin alike, unless they are to share their beginning", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const std::string dataset = DatasetOf(scratch, {"the same row of the same words", "another row"});
  const SweepRun run = RunSweep(
      scratch, sim, {"--scenario", "D(60,2)", "--dataset-config", dataset, "--batch-sizes", "16,32"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  std::set<std::string> beginnings;
  const std::vector<Json> logged = sim.StopAndReadLog();
  for (const std::string& question : Questions(logged)) beginnings.insert(question.substr(0, 40));
  CHECK(beginnings.size() == logged.size());

  SimProcess shared(kQuick);
  const Scratch other;
  const SweepRun with_prefix =
      RunSweep(other, shared,
               {"--scenario", "D(60,2)", "--shared-prefix", "20", "--batch-sizes", "8", "--num-runs", "1"});
  INFO(with_prefix.Said());
  REQUIRE(with_prefix.exit == 0);
  std::set<std::string> prefixes;
  std::set<std::string> prompts;
  for (const std::string& question : Questions(shared.StopAndReadLog())) {
    size_t end = 0;
    for (int word = 0; word < 20; ++word) end = question.find(' ', end) + 1;
    prefixes.insert(question.substr(0, end));
    prompts.insert(question);
    CHECK(Words(question) == 60);
  }
  CHECK(prefixes.size() == 1);
  CHECK(prompts.size() == 8);
}

TEST_CASE("Where nothing counts tokens, lengths follow from what the endpoint's usage says", "[apps]") {
  // Every word is three tokens, and a template adds a dozen.
  const OddServer strange([](const std::string& request) {
    if (Contains(request, "/tokenize")) return HttpReply(404, "application/json", "{}");
    const size_t body_begins = request.find("\r\n\r\n") + 4;
    const Json body = Json::parse(request.substr(body_begins));
    const int tokens = 3 * Words(body["messages"].back()["content"].get<std::string>()) + 12;
    return HttpReply(200, "application/json",
                     R"({"choices":[{"index":0,"message":{"content":"yes"},"finish_reason":"length"}],)"
                     R"("usage":{"completion_tokens":1,"prompt_tokens":)" +
                         std::to_string(tokens) + "}}");
  });
  const Scratch scratch;
  const SweepRun run =
      FinishSweep(*StartSweep(scratch, "sweep",
                              SweepFlags(strange.url(), {"--scenario", "D(600,1)", "--batch-sizes", "2",
                                                         "--num-runs", "2", "--no-stream"})),
                  scratch);
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  REQUIRE(run.Records(0).size() == 4);
  for (const Json& record : run.Records(0)) {
    // Bytes stand for words here: within a few per cent, where the rule of thumb is off by half.
    CHECK(record["input_tokens"]["tokens"].get<int>() - 12 == Approx(600).epsilon(0.08));
  }
}

// C14, C15, C21
TEST_CASE("Lengths follow the scenario, and outputs are cut at the limit", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "0ms", "--itl", "0ms"});
  const SweepRun run =
      RunSweep(scratch, sim, {"--scenario", "U(1,2)/(3,4)", "--batch-sizes", "64", "--num-runs", "1"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  std::set<int> inputs;
  std::set<int> outputs;
  for (const Json& request : sim.StopAndReadLog()) {
    inputs.insert(request["prompt_tokens"].get<int>());
    outputs.insert(BodyOf(request)["max_tokens"].get<int>());
  }
  CHECK(inputs == std::set<int>{1, 2});
  CHECK(outputs == std::set<int>{3, 4});

  const Scratch other;
  SimProcess second(kQuick);
  REQUIRE(
      RunSweep(other, second, {"--scenario", "D(10,9000)", "--max-tokens", "4", "--batch-sizes", "1"}).exit ==
      0);
  for (const Json& request : second.StopAndReadLog()) CHECK(BodyOf(request)["max_tokens"] == 4);
}

// C26
TEST_CASE("Each level has its warm-ups, one after the other and in no figure", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run = RunSweep(scratch, sim,
                                {"--scenario", "D(30,3)", "--batch-sizes", "2,3", "--num-runs", "1",
                                 "--warmup-runs", "3", "--no-stream"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE(logged.size() == 3 + 2 + 3 + 3);
  for (const Json& request : logged) CHECK(BodyOf(request)["stream"] == false);
  for (size_t i = 1; i < 3; ++i) CHECK(logged[i]["arrival_ns"] >= logged[i - 1]["end_ns"]);
  CHECK(run.Level("2")["reliability"]["total_requests"] == 2);
  CHECK(run.Level("3")["reliability"]["total_requests"] == 3);
}

// C31, B10
TEST_CASE("The same seed sends the same prompts, and runs and levels differ", "[apps]") {
  std::vector<std::vector<std::string>> sent;
  for (const std::string seed : {"7", "7", "8"}) {
    const Scratch scratch;
    SimProcess sim(kQuick);
    REQUIRE(RunSweep(scratch, sim, {"--scenario", "N(40,10)/(3,0)", "--batch-sizes", "1,2", "--seed", seed})
                .exit == 0);
    std::vector<std::string> questions = Questions(sim.StopAndReadLog());
    CHECK(std::set<std::string>(questions.begin(), questions.end()).size() == questions.size());
    std::sort(questions.begin(), questions.end());  // a batch arrives in any order
    sent.push_back(std::move(questions));
  }
  CHECK(sent[0] == sent[1]);
  CHECK(sent[0] != sent[2]);
}

// C32
TEST_CASE("A sustained level keeps so many requests in flight until all prompts are sent", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "10ms", "--itl", "2ms"});
  const SweepRun run = RunSweep(
      scratch, sim,
      {"--scenario", "D(10,10)", "--max-concurrency", "4", "--num-prompts", "40", "--num-runs", "1"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  CHECK(MostAtOnce(sim.StopAndReadLog()) == 4);
  CHECK(run.Level("4")["reliability"]["total_requests"] == 40);
  CHECK(run.json["metadata"]["execution_mode"] == "sustained");
  CHECK(run.json["metadata"]["num_prompts"] == 40);
}

TEST_CASE("A sustained level can end by the clock", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "5ms", "--itl", "1ms"});
  const SweepRun run =
      RunSweep(scratch, sim,
               {"--scenario", "D(10,5)", "--max-concurrency", "2", "--duration", "500ms", "--num-runs", "1"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  CHECK(run.Level("2")["reliability"]["total_requests"].get<int>() > 10);
  CHECK(run.Level("2")["reliability"]["failed_requests"] == 0);
}

// C33
TEST_CASE("A replay sends the rows in order and each once a run", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  std::vector<std::string> rows;
  for (int i = 0; i < 12; ++i) rows.push_back("row number " + std::to_string(i));
  const SweepRun run = RunSweep(scratch, sim,
                                {"--replay-dataset", "--dataset-config", DatasetOf(scratch, rows),
                                 "--max-concurrency", "1", "--num-runs", "2", "--max-tokens", "3"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<std::string> sent = Questions(sim.StopAndReadLog());
  REQUIRE(sent.size() == 24);
  for (size_t i = 0; i < sent.size(); ++i) CHECK(sent[i] == rows[i % 12]);
}

// C34
TEST_CASE("Sampling flags are in the payload", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run = RunSweep(scratch, sim,
                                {"--scenario", "D(10,6)", "--batch-sizes", "2", "--num-runs", "1",
                                 "--ignore-eos", "-n", "3", "--stream", "--temperature", "0.25"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  for (const Json& request : sim.StopAndReadLog()) {
    const Json body = BodyOf(request);
    CHECK(body["ignore_eos"] == true);
    CHECK(body["min_tokens"] == 6);
    CHECK(body["max_tokens"] == 6);
    CHECK(body["n"] == 3);
    CHECK(body["temperature"] == 0.25);
    CHECK(body["stream"] == true);
  }
  CHECK(run.Level("2")["tokens"]["output_per_request"]["mean"] == 18);
}

TEST_CASE("Prompts can be sent as token ids, to the token", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run = RunSweep(
      scratch, sim, {"--scenario", "D(77,2)", "--batch-sizes", "3", "--num-runs", "1", "--prompt-token-ids"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  for (const Json& request : sim.StopAndReadLog()) {
    const Json body = BodyOf(request);
    REQUIRE(body["prompt"].is_array());
    CHECK(body["prompt"].size() == 77);
    CHECK(Contains(request["route"].get<std::string>(), "/v1/completions"));
  }
}

// C39
TEST_CASE("Requests are spread over adapters as the strategy says", "[apps]") {
  const auto models = [](const Arguments& more) {
    const Scratch scratch;
    SimProcess sim({"--ttft", "0ms", "--itl", "0ms"});
    Arguments flags = {"--scenario", "D(5,2)", "--batch-sizes", "80",
                       "--num-runs", "1",      "--lora-names",  "a,b,c,d"};
    flags.insert(flags.end(), more.begin(), more.end());
    const SweepRun run = RunSweep(scratch, sim, flags);
    INFO(run.Said());
    REQUIRE(run.exit == 0);
    CHECK(run.json["metadata"]["lora_config"]["strategy"] == more[1]);
    return ModelsOf(sim.StopAndReadLog());
  };
  CHECK(models({"--lora-strategy", "single"}) == std::map<std::string, int>{{"m:a", 80}});
  const std::map<std::string, int> even = {{"m:a", 20}, {"m:b", 20}, {"m:c", 20}, {"m:d", 20}};
  CHECK(models({"--lora-strategy", "uniform"}) == even);
  CHECK(models({"--lora-strategy", "all-unique"}) == even);
  const auto zipf = models({"--lora-strategy", "zipf"});  // alpha 1, at which the original crashes
  REQUIRE(zipf.contains("m:a"));
  CHECK(zipf.at("m:a") > 20);
  const auto mixed = models({"--lora-strategy", "mixed", "--base-model-ratio", "0.5"});
  REQUIRE(mixed.contains("m"));
  CHECK(mixed.at("m") > 20);
  CHECK(mixed.at("m") < 60);
}

}  // namespace llmdyno
