// Pictures, rerank and embeddings: C11, C16 to C18, C35; and what is wrong with a command line: C08, C19, the
// dry run.
#include <algorithm>
#include <set>

#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const Arguments kQuick = {"--ttft", "2ms", "--itl", "1ms"};

std::vector<std::string> HashesOf(const std::vector<Json>& logged) {
  std::vector<std::string> hashes;
  for (const Json& request : logged) {
    for (const Json& hash : request["image_hashes"]) hashes.push_back(hash.get<std::string>());
  }
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

// Runs what is wrong: nothing may have been sent, and the sentence is returned.
std::string WhatIsWrong(const Scratch& scratch, SimProcess& sim, const Arguments& more) {
  const int before = sim.Stats()["requests"];
  const SweepRun run = RunSweep(scratch, sim, more);
  INFO(run.Said());
  CHECK(run.exit == 2);
  CHECK(run.json.is_null());
  CHECK(sim.Stats()["requests"] == before + 1);  // asking is a request, too
  CHECK(Lines(run.err).size() <= 2);
  return run.err;
}

}  // namespace

// C16
TEST_CASE("An image scenario sends pictures of that size and number", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run =
      RunSweep(scratch, sim, {"--scenario", "I(64,32,2)", "--batch-sizes", "3", "--num-runs", "1"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE(logged.size() == 3);
  for (const Json& request : logged) {
    CHECK(request["images"] == 2);
    CHECK(request["image_sizes"] == Json({"64x32", "64x32"}));
    CHECK(BodyOf(request)["max_tokens"] == 32);
  }
}

// C35
TEST_CASE("Generated pictures are distinct, and the same for the same seed", "[apps]") {
  std::vector<std::vector<std::string>> all;
  for (const std::string seed : {"1", "1", "2"}) {
    const Scratch scratch;
    SimProcess sim(kQuick);
    const SweepRun run = RunSweep(scratch, sim,
                                  {"--num-images", "2", "--image-size", "16x8", "--batch-sizes", "2,4",
                                   "--num-runs", "2", "--seed", seed});
    INFO(run.Said());
    REQUIRE(run.exit == 0);
    all.push_back(HashesOf(sim.StopAndReadLog()));
    CHECK(all.back().size() == 24);
    CHECK(std::set<std::string>(all.back().begin(), all.back().end()).size() == 24);
  }
  CHECK(all[0] == all[1]);
  CHECK(all[0] != all[2]);
}

// C11
TEST_CASE("Pictures of a dataset are sent with their row", "[apps]") {
  const Scratch scratch;
  // The signature and the header of a PNG of 3 x 5 pixels; nobody decodes more of it here.
  scratch.Write("pic.png",
                std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x05\x08\x02\0\0\0\0\0\0\0", 33));
  scratch.Write("rows.jsonl", "{\"question\":\"what is this?\",\"image\":\"pic.png\"}\n");
  const std::string config = scratch.Write(
      "config.json",
      R"({"source":{"type":"file","path":"rows.jsonl"},"prompt_column":"question","image_column":"image"})");
  SimProcess sim(kQuick);
  const SweepRun run = RunSweep(scratch, sim,
                                {"--replay-dataset", "--dataset-config", config, "--max-concurrency", "1",
                                 "--num-runs", "1", "--max-tokens", "4"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE(logged.size() == 1);
  CHECK(logged[0]["image_sizes"] == Json({"3x5"}));
  const Json content = BodyOf(logged[0])["messages"].back()["content"];
  CHECK(content[0]["text"] == "what is this?");
  CHECK(content[1]["image_url"]["url"].get<std::string>().starts_with("data:image/png;base64,"));
}

// C17
TEST_CASE("An embedding scenario sends texts of that many tokens", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run =
      RunSweep(scratch, sim,
               {"--scenario", "E(128)", "--batch-sizes", "4", "--num-runs", "1", "--texts-per-request", "2"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE_FALSE(logged.empty());
  for (const Json& request : logged) {
    CHECK(Contains(request["route"].get<std::string>(), "embeddings"));
    CHECK(request["prompt_tokens"] == 256);
    CHECK(BodyOf(request)["input"].size() == 2);
  }
  CHECK(run.Level("4")["reliability"]["successful_requests"] == 4);
}

// C18
TEST_CASE("A rerank scenario sends a query and documents of their lengths", "[apps]") {
  for (const std::string api : {"jina", "cohere", "score", "tei"}) {
    INFO(api);
    const Scratch scratch;
    SimProcess sim(kQuick);
    const SweepRun run = RunSweep(scratch, sim,
                                  {"--scenario", "R(128,16)", "--batch-sizes", "2", "--num-runs", "1",
                                   "--rerank-documents", "3", "--rerank-api", api});
    INFO(run.Said());
    REQUIRE(run.exit == 0);
    const std::vector<Json> logged = sim.StopAndReadLog();
    REQUIRE_FALSE(logged.empty());
    for (const Json& request : logged) {
      // The simulator counts the query with each document.
      CHECK(request["prompt_tokens"] == 3 * (128 + 16));
    }
    for (const Json& record : run.Records(0)) CHECK(record["items"] == 3);
  }
}

// C19
TEST_CASE("What is wrong with a scenario is told before anything is sent", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  std::set<std::string> sentences;
  for (const std::string scenario : {"", "X(1,2)", "N(1,2)", "D(1, 2)", "U(5,1)/(1,2)"}) {
    const std::string said = WhatIsWrong(scratch, sim, {"--scenario", scenario});
    INFO(said);
    CHECK(Contains(said, "--scenario"));
    sentences.insert(said);
  }
  CHECK(sentences.size() == 5);
}

// C08
TEST_CASE("What is wrong with a dataset is told before anything is sent", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  scratch.Write("rows.csv", "prompt,answer\nhello,yes\n");
  scratch.Write("empty.txt", "\n\n");
  const auto said = [&](const std::string& config) {
    return WhatIsWrong(scratch, sim,
                       {"--scenario", "D(10,2)", "--dataset-config", scratch.Write("config.json", config)});
  };
  const std::string type = said(R"({"source":{"type":"sql","path":"x"}})");
  CHECK(Contains(type, "'sql'"));
  const std::string missing = said(R"({"source":{"type":"file","path":"nowhere.csv"}})");
  CHECK(Contains(missing, "nowhere.csv"));
  const std::string column =
      said(R"({"source":{"type":"file","path":"rows.csv"},"prompt_column":"question"})");
  CHECK(Contains(column, "question"));
  CHECK(Contains(column, "prompt"));  // a column that there is
  const std::string empty = said(R"({"source":{"type":"file","path":"empty.txt"}})");
  CHECK(Contains(empty, "empty.txt"));
  CHECK(std::set<std::string>{type, missing, column, empty}.size() == 4);
}

TEST_CASE("Flags that contradict each other are told by name", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  struct Case {
    Arguments flags;
    std::string part;
  };
  for (const Case& wrong : std::vector<Case>{
           {{}, "missing --scenario"},
           {{"--scenario", "D(1,1)", "--batch-sizes", "0"}, "--batch-sizes"},
           {{"--scenario", "D(1,1)", "--batch-sizes", "2,2"}, "twice"},
           {{"--scenario", "D(1,1)", "--batch-sizes", "1,x"}, "'x'"},
           {{"--scenario", "D(1,1)", "--batch-sizes", "1", "--max-concurrency", "2"}, "--max-concurrency"},
           {{"--scenario", "D(1,1)", "--num-prompts", "5"}, "--max-concurrency"},
           {{"--scenario", "D(1,1)", "--lora-names", "a"}, "--lora-strategy"},
           {{"--scenario", "D(1,1)", "--lora-strategy", "zipf", "--lora-names", "a", "--base-model-ratio",
             "2"},
            "base model ratio"},
           {{"--scenario", "D(1,1)", "--prefix-ratio", "1.5"}, "--prefix-ratio"},
           {{"--scenario", "I(1,1)", "--api", "completions"}, "pictures"},
           {{"--input-lengths", "5"}, "--output-lengths"},
           {{"--replay-dataset"}, "--dataset-config"},
           {{"--num-images", "1", "--image-size", "5x"}, "--image-size"},
           {{"--scenario", "D(1,1)", "--input-tokens", "4", "--num-images", "1"}, "--input-tokens"},
           {{"--scenario", "I(16384,16384,10)"}, "do not fit into 4 GB"},
           {{"--scenario", "0.5*D(1,1)+0.5*I(2048,2048)", "--batch-sizes", "1,1000"}, "do not fit into 4 GB"},
           {{"--scenario", "D(1,1)", "--plot", "plot.pdf"}, "--plot"},
           {{"--scenario", "E(4)", "--prompt-token-ids"}, "--prompt-token-ids"},
           {{"--scenario", "R(4,4)", "--num-completions", "2"}, "--num-completions"}}) {
    const std::string said = WhatIsWrong(scratch, sim, wrong.flags);
    INFO(said);
    CHECK(Contains(said, wrong.part));
  }
}

TEST_CASE("A dry run shows levels, requests, tokens and prompts, and sends nothing", "[apps]") {
  const Scratch scratch;
  SimProcess sim(kQuick);
  const SweepRun run =
      RunSweep(scratch, sim, {"--scenario", "D(100,50)", "--batch-sizes", "2,8", "--dry-run"});
  INFO(run.Said());
  CHECK(run.exit == 0);
  CHECK(sim.Stats()["requests"] == 1);  // this one
  CHECK(run.json.is_null());
  CHECK(Contains(run.out, "Level 8"));
  CHECK(Contains(run.out, "8 requests"));
  CHECK(Contains(run.out, "800 tokens in"));
  CHECK(LinesWith(run.out, "first prompt: ").size() == 2);
  // What has no answers of tokens, or no number of requests, claims none.
  const SweepRun vectors = RunSweep(scratch, sim, {"--scenario", "E(20)", "--dry-run"});
  CHECK_FALSE(Contains(vectors.out, " out"));
  const SweepRun timed = RunSweep(
      scratch, sim, {"--scenario", "D(10,5)", "--max-concurrency", "2", "--duration", "5s", "--dry-run"});
  CHECK(Contains(timed.out, "as many requests as the endpoint answers"));
}

}  // namespace llmdyno
