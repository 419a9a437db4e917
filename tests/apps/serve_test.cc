// What vLLM's serving benchmark sends, by its flags: G01 to G05 and G11.
#include <algorithm>
#include <cmath>
#include <set>

#include "apps/qps_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "2ms", "--itl", "1ms"};

// What the simulator has seen of a serving run with these flags.
std::vector<Json> Served(const Scratch& scratch, const Arguments& more, Finished* finished = nullptr) {
  SimProcess sim(kQuick);
  const Finished run = RunServe(scratch, ServeFlags(sim, more));
  INFO(run.out << run.err);
  CHECK(run.exit == 0);
  if (finished != nullptr) *finished = run;
  return sim.StopAndReadLog();
}

std::vector<std::string> Questions(const std::vector<Json>& log) {
  std::vector<std::string> questions;
  for (const Json& request : log) questions.push_back(QuestionOf(request));
  return questions;
}

size_t SharedPrefix(const std::vector<std::string>& texts) {
  size_t shared = texts.at(0).size();
  for (const std::string& text : texts) {
    const auto [a, b] = std::mismatch(text.begin(), text.end(), texts[0].begin(), texts[0].end());
    shared = std::min(shared, static_cast<size_t>(a - text.begin()));
  }
  return shared;
}

}  // namespace

// G01, G04
TEST_CASE("ShareGPT prompts are sent with their recorded answers' lengths as limits", "[apps]") {
  const Scratch scratch;
  const std::string path = scratch.Write("s.json", ShareGpt(40, 12));
  const std::vector<Json> log = Served(scratch, {"--dataset-path", path, "--num-prompts", "20"});
  REQUIRE(log.size() == 20);
  std::set<std::string> different;
  for (const Json& request : log) {
    const Json body = BodyOf(request);
    CHECK(request["route"] == "/v1/completions");
    CHECK(body["prompt"].get<std::string>().starts_with("please tell me"));
    CHECK(body["max_tokens"].get<int>() == Approx(12).margin(1));  // counted by /tokenize
    CHECK(body["temperature"] == 0.0);
    CHECK(body["stream"] == true);
    different.insert(body["prompt"].get<std::string>());
  }
  CHECK(different.size() == 20);  // drawn without putting back
}

// G03
TEST_CASE("ShareGPT conversations of other lengths are left out, up to the very margin", "[apps]") {
  Json rows = Json::array();
  const auto add = [&](int prompt_words, int answer_words, const std::string& mark) {
    std::string prompt = mark;
    for (int i = 1; i < prompt_words; ++i) prompt += " dog";
    std::string answer = "dog";
    for (int i = 1; i < answer_words; ++i) answer += " dog";
    rows.push_back(
        {{"conversations", {{{"from", "human"}, {"value", prompt}}, {{"from", "gpt"}, {"value", answer}}}}});
  };
  add(2, 50, "short");     // a prompt below 4 tokens
  add(50, 2, "terse");     // an answer below 4
  add(1500, 50, "long");   // a prompt above 1024
  add(900, 1800, "both");  // above 2048 together
  rows.push_back({{"conversations", {{{"from", "human"}, {"value", "alone and without any answer"}}}}});
  for (int i = 0; i < 5; ++i) add(20, 10, "good" + std::to_string(i));
  const Scratch scratch;
  const std::string path = scratch.Write("s.json", rows.dump());
  // As many as there are, all of them: drawing 1.2 times as many first would have found too few.
  const std::vector<std::string> sent =
      Questions(Served(scratch, {"--dataset-path", path, "--num-prompts", "5"}));
  REQUIRE(sent.size() == 5);
  for (const std::string& question : sent) CHECK(question.starts_with("good"));
  CHECK(std::set<std::string>(sent.begin(), sent.end()).size() == 5);
}

// The gaps of the schedule, which no busy machine can move; the record log is called `name`.
std::vector<double> ScheduledGaps(const Scratch& scratch, const std::string& name, Arguments flags) {
  flags.insert(flags.end(), {"--records", name});
  Served(scratch, flags);
  std::vector<Json> records;
  for (const Json& line : JsonLines(ReadFile(scratch.path() + "/" + name))) {
    if (line["type"] == "record") records.push_back(line);
  }
  std::sort(records.begin(), records.end(),
            [](const Json& a, const Json& b) { return a["scheduled_ns"] < b["scheduled_ns"]; });
  return GapsOf(records, "scheduled_ns");
}

// G02
TEST_CASE("An infinite rate sends all prompts at once, and a finite one is Poisson with a seed", "[apps]") {
  const Scratch scratch;
  const Arguments random = {"--dataset-name",      "random", "--random-input-len", "5",
                            "--random-output-len", "2"};
  const auto with = [&](const Arguments& more) {
    Arguments flags = random;
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
  };
  const auto scheduled = [&](const std::string& name, const Arguments& more) {
    return ScheduledGaps(scratch, name, with(more));
  };
  const std::vector<double> at_once =
      scheduled("inf.jsonl", {"--num-prompts", "50", "--request-rate", "inf"});
  CHECK(*std::max_element(at_once.begin(), at_once.end()) == 0);

  const Arguments poisson = {"--num-prompts", "300", "--request-rate", "200", "--seed", "7"};
  const std::vector<double> first = scheduled("a.jsonl", poisson);
  CHECK(VariationOf(first) == Approx(1).margin(0.2));
  CHECK(Mean(first) == Approx(1.0 / 200).epsilon(0.25));
  const std::vector<double> again = scheduled("b.jsonl", poisson);
  REQUIRE(again.size() == first.size());
  for (size_t i = 0; i < first.size(); ++i) CHECK(again[i] == Approx(first[i]).margin(1e-7));
}

TEST_CASE("Burstiness below one makes gaps vary more, above one less", "[apps]") {
  const Scratch scratch;
  const auto variation = [&](const std::string& burstiness) {
    return VariationOf(
        ScheduledGaps(scratch, burstiness + ".jsonl",
                      {"--dataset-name", "random", "--random-input-len", "5", "--random-output-len", "2",
                       "--num-prompts", "150", "--request-rate", "100", "--burstiness", burstiness}));
  };
  CHECK(variation("0.2") > 1.4);  // 1 / sqrt(0.2) = 2.2
  CHECK(variation("25") < 0.7);   // 0.2
}

// G05
TEST_CASE("Each backend has its route and its body", "[apps]") {
  const Scratch scratch;
  const Arguments random = {"--dataset-name", "random", "--random-input-len", "8", "--random-output-len", "3",
                            "--num-prompts",  "2",      "--ignore-eos"};
  for (const std::string backend : {"openai", "vllm", "openai-chat"}) {
    INFO(backend);
    Arguments flags = random;
    flags.insert(flags.end(), {"--backend", backend});
    for (const Json& request : Served(scratch, flags)) {
      const Json body = BodyOf(request);
      const bool is_chat = backend == "openai-chat";
      CHECK(request["route"] == (is_chat ? "/v1/chat/completions" : "/v1/completions"));
      CHECK(body.contains("messages") == is_chat);
      CHECK(body.contains("prompt") != is_chat);
      CHECK(body["ignore_eos"] == true);
      CHECK(body["max_tokens"] == 3);
      CHECK(body["model"] == "m");
      CHECK(request["tokens"] == 3);
    }
  }
}

TEST_CASE("A host, a port and a route make the URL when there is no --base-url", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const Finished run = RunServe(
      scratch, {"--host", "127.0.0.1", "--port", std::to_string(sim.port()), "--endpoint", "/v1/completions",
                "--model", "m", "--dataset-name", "random", "--random-input-len", "5", "--num-prompts", "2"});
  INFO(run.err);
  CHECK(run.exit == 0);
  CHECK(sim.StopAndReadLog().size() == 2);
}

// G11
TEST_CASE("Sonnet prompts share their prefix and have the length asked for", "[apps]") {
  const Scratch scratch;
  const std::vector<Json> log =
      Served(scratch, {"--dataset-name", "sonnet", "--num-prompts", "8", "--sonnet-input-len", "200",
                       "--sonnet-output-len", "4", "--sonnet-prefix-len", "80"});
  const std::vector<std::string> prompts = Questions(log);
  REQUIRE(prompts.size() == 8);
  const double shared = static_cast<double>(SharedPrefix(prompts));
  CHECK(shared / static_cast<double>(prompts[0].size()) == Approx(80.0 / 200).margin(0.12));
  CHECK(std::set<std::string>(prompts.begin(), prompts.end()).size() == 8);
  for (const Json& request : log) {
    CHECK(request["prompt_tokens"].get<double>() == Approx(200).epsilon(0.1));
    CHECK(BodyOf(request)["max_tokens"] == 4);
  }
}

TEST_CASE("Random prompts have the lengths asked for, and custom ones those of their rows", "[apps]") {
  const Scratch scratch;
  for (const Json& request : Served(scratch, {"--dataset-name", "random", "--random-input-len", "100",
                                              "--random-output-len", "5", "--num-prompts", "5"})) {
    CHECK(request["prompt_tokens"].get<double>() == Approx(100).margin(3));
    CHECK(BodyOf(request)["max_tokens"] == 5);
  }
  const std::string rows = "{\"prompt\": \"first\", \"output_tokens\": 9}\n{\"prompt\": \"second\"}\n";
  const std::string path =
      scratch.Write("c.jsonl", "{\"prompt\": \"first\", \"output_tokens\": 9}\n{\"prompt\": \"second\"}\n");
  const auto limits = [&](const Arguments& more) {
    Arguments flags = {"--dataset-name", "custom", "--dataset-path", path,
                       "--num-prompts",  "2",      "--request-rate", "20"};
    flags.insert(flags.end(), more.begin(), more.end());
    const std::vector<Json> log = Served(scratch, flags);
    REQUIRE(log.size() == 2);
    CHECK(QuestionOf(log[0]) == "first");
    return std::vector<Json>{BodyOf(log[0])["max_tokens"], BodyOf(log[1])["max_tokens"]};
  };
  CHECK(limits({}) == std::vector<Json>{9, 256});
  CHECK(limits({"--custom-output-len", "6"}) == std::vector<Json>{6, 6});
}

TEST_CASE("llmdyno-qps takes the flags of vLLM's benchmark for what they are", "[apps]") {
  const Scratch scratch;
  const SimProcess sim(kQuick);
  const Finished run = RunApp(
      "llmdyno-qps", ServeFlags(sim, {"--dataset_name=random", "--random_input_len=5", "--num_prompts=3"}),
      {.directory = scratch.path()});
  INFO(run.err);
  CHECK(run.exit == 0);
  CHECK(Contains(run.out, " Serving Benchmark Result "));
}

}  // namespace llmdyno
