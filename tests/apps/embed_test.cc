// llmdyno-embed against the simulator's log: D01 to D11.
#include <algorithm>
#include <map>
#include <set>

#include "apps/sweep_runs.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

SweepRun RunEmbed(const Scratch& scratch, const SimProcess& sim, const Arguments& more) {
  return RunSweep(scratch, sim, more, "embed");
}

std::vector<std::string> TextsOf(const std::vector<Json>& logged) {
  std::vector<std::string> texts;
  for (const Json& request : logged) {
    const Json body = BodyOf(request);
    for (const Json& text : body["input"]) texts.push_back(text.get<std::string>());
  }
  return texts;
}

int64_t Words(const std::string& text) { return std::count(text.begin(), text.end(), ' ') + 1; }

std::vector<std::string> Sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace

// D01, D06
TEST_CASE("A batch is so many requests of one text each, at one instant", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "50ms"});
  const SweepRun run =
      RunEmbed(scratch, sim,
               {"--batch_sizes", "8", "--sequence_lengths", "10", "--num_runs", "2", "--warmup_runs", "3"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE(logged.size() == 3 + 16);
  for (const Json& request : logged) {
    CHECK(Contains(request["route"].get<std::string>(), "/v1/embeddings"));
    CHECK(BodyOf(request)["input"].size() == 1);
  }
  CHECK(MostAtOnce(logged) == 8);
  CHECK(run.Level("batch_8_seq_10")["reliability"]["total_requests"] == 16);
}

// D03, D04
TEST_CASE("Texts have their words, and categories their ranges", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "0ms"});
  const SweepRun run = RunEmbed(
      scratch, sim,
      {"--batch-sizes", "200", "--sequence-lengths", "10,25,50,200,short,medium,long", "--num-runs", "1"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE(logged.size() == 1400);
  // A batch arrives as a whole before the next begins.
  const auto range = [&](size_t batch) {
    std::pair<int64_t, int64_t> words = {INT64_MAX, 0};
    for (size_t i = batch * 200; i < (batch + 1) * 200; ++i) {
      const int64_t n = Words(BodyOf(logged[i])["input"][0].get<std::string>());
      words = {std::min(words.first, n), std::max(words.second, n)};
    }
    return words;
  };
  using Pair = std::pair<int64_t, int64_t>;
  CHECK(range(0) == Pair(10, 10));
  CHECK(range(1) == Pair(25, 25));
  CHECK(range(2) == Pair(50, 50));
  CHECK(range(3) == Pair(200, 200));
  CHECK(range(4).first >= 5);
  CHECK(range(4).second <= 15);
  CHECK(range(5).first >= 18);
  CHECK(range(5).second <= 46);
  CHECK(range(6).first >= 72);
  CHECK(range(6).second <= 368);
}

TEST_CASE("Texts can be exact in tokens, and several in a request", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "0ms"});
  const SweepRun run = RunEmbed(scratch, sim,
                                {"--batch-sizes", "4", "--sequence-lengths", "E(128)", "--texts-per-request",
                                 "3", "--num-runs", "1", "--encoding-format", "base64"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE_FALSE(logged.empty());
  for (const Json& request : logged) {
    CHECK(request["prompt_tokens"] == 3 * 128);
    CHECK(BodyOf(request)["encoding_format"] == "base64");
  }
  // D10
  CHECK(run.Level("batch_4_seq_E(128)")["tokens"]["total_per_batch"]["mean"] == 4 * 3 * 128);
  CHECK(run.Level("batch_4_seq_E(128)")["tokens"]["embeddings_per_batch"]["mean"] == 12);
}

// D05
TEST_CASE("A length that is none is told before anything is sent", "[apps]") {
  const Scratch scratch;
  SimProcess sim({});
  for (const Arguments& wrong : std::vector<Arguments>{{"--sequence-lengths", "huge"},
                                                       {"--sequence-lengths", ""},
                                                       {"--sequence-lengths", "0"},
                                                       {"--sequence-lengths", "-5"},
                                                       {"--sequence-lengths", "short,short"},
                                                       {"--sequence-lengths", "R(1,1),short"},
                                                       {"--batch-sizes", ""},
                                                       {"--batch-sizes", "0"},
                                                       {"--batch-sizes", "-1"},
                                                       {"--request-rate", "0"},
                                                       {"--max-concurrency", "2", "--request-rate", "3"},
                                                       {"--num-requests", "5"},
                                                       {"--api", "tei", "--encoding-format", "base64"}}) {
    const int before = sim.Stats()["requests"];
    const SweepRun run = RunEmbed(scratch, sim, wrong);
    INFO(run.Said());
    CHECK(run.exit == 2);
    CHECK(Lines(run.err).size() == 1);
    CHECK(sim.Stats()["requests"] == before + 1);
  }
}

// D07, D08
TEST_CASE("The results of an embedding benchmark have the keys of its plotting scripts", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "2ms"});
  const SweepRun run = RunEmbed(scratch, sim,
                                {"--batch-sizes", "1,4", "--sequence-lengths", "short,200", "--num-runs", "3",
                                 "--description", "what it was"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const Json& metadata = run.json["metadata"];
  for (const char* key : {"timestamp", "model", "api_base", "batch_sizes", "sequence_lengths", "num_runs",
                          "warmup_runs", "concurrent_requests", "seed", "description"}) {
    INFO(key);
    CHECK(metadata.contains(key));
  }
  CHECK(metadata["concurrent_requests"] == true);
  REQUIRE(run.json["results"].size() == 4);
  for (const char* key : {"batch_1_seq_short", "batch_1_seq_200", "batch_4_seq_short", "batch_4_seq_200"}) {
    const Json& level = run.Level(key);
    for (const auto& [group, leaves] : std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"tokens", {"total_per_batch", "embeddings_per_batch"}},
             {"timings", {"batch_total_seconds", "fastest_seconds", "slowest_seconds", "spread_seconds"}},
             {"throughput",
              {"batch_embeddings_per_second", "batch_tokens_per_second", "request_embeddings_per_second",
               "request_tokens_per_second"}}}) {
      for (const std::string& leaf : leaves) {
        INFO(key << " " << group << " " << leaf);
        for (const char* figure : {"mean", "std", "min", "max", "p50", "p90", "p99"}) {
          CHECK(level.at(group).at(leaf).at(figure).is_number());
        }
      }
    }
  }
  CHECK(run.Level("batch_4_seq_200")["throughput"]["request_embeddings_per_second"]["n"] == 12);
}

// D09
TEST_CASE("Failed requests are counted and keep out of the timings", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "2ms", "--fail", "503:0.3"});
  const SweepRun run =
      RunEmbed(scratch, sim, {"--batch-sizes", "40", "--sequence-lengths", "20", "--num-runs", "2"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const Json& level = run.Level("batch_40_seq_20");
  const int failed = level["reliability"]["failed_requests"];
  CHECK(failed > 5);
  CHECK(level["reliability"]["successful_requests"] == 80 - failed);
  CHECK(level["timings"]["fastest_seconds"]["min"].get<double>() >= 0.002);
  CHECK(level["throughput"]["request_embeddings_per_second"]["n"] == 80 - failed);
  // No retries: each request was sent once.
  CHECK(sim.StopAndReadLog().size() == 80);
}

TEST_CASE("Failed requests are sent again when that is asked for, and the attempts are counted", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms", "--fail", "500:0.5"});
  const SweepRun run = RunEmbed(
      scratch, sim, {"--batch-sizes", "30", "--sequence-lengths", "5", "--num-runs", "1", "--retries", "1"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const size_t sent = sim.StopAndReadLog().size();
  CHECK(sent > 30);
  CHECK(run.Level("batch_30_seq_5")["reliability"]["total_requests"] == 30);
  CHECK(run.Level("batch_30_seq_5")["reliability"]["attempts"] == sent);
  int64_t attempts = 0;
  for (const Json& record : run.Records(0)) attempts += record["attempts"].get<int64_t>();
  CHECK(attempts == static_cast<int64_t>(sent));
}

// D11
TEST_CASE("The texts of a configuration are the same whatever ran before it", "[apps]") {
  const auto sent = [](const std::string& batches, const std::string& lengths, const std::string& seed) {
    const Scratch scratch;
    SimProcess sim({"--ttft", "0ms"});
    const SweepRun run = RunEmbed(scratch, sim,
                                  {"--batch-sizes", batches, "--sequence-lengths", lengths, "--num-runs", "2",
                                   "--warmup-runs", "1", "--seed", seed});
    INFO(run.Said());
    REQUIRE(run.exit == 0);
    const std::vector<std::string> texts = TextsOf(sim.StopAndReadLog());
    REQUIRE_FALSE(texts.empty());
    return Sorted(texts);
  };
  CHECK(sent("2,4", "short,long", "1") == sent("4,2", "long,short", "1"));
  CHECK(sent("2", "short", "1") != sent("2", "short", "2"));
}

TEST_CASE("Answers that are wrong are called out, not averaged in", "[apps]") {
  for (const std::string fault : {"short_items", "nan_item", "other_dimension"}) {
    INFO(fault);
    const Scratch scratch;
    SimProcess sim({"--ttft", "1ms", "--fault", fault + "=0.4"});
    const SweepRun run = RunEmbed(
        scratch, sim,
        {"--batch-sizes", "40", "--sequence-lengths", "20", "--num-runs", "1", "--texts-per-request", "2"});
    INFO(run.Said());
    REQUIRE(run.exit == 0);
    const Json& level = run.Level("batch_40_seq_20");
    const int failed = level["reliability"]["failed_requests"];
    CHECK(failed > 3);
    CHECK(failed < 40);
    CHECK(Contains(level["failures"].dump(), "malformed_stream"));
    CHECK(level["tokens"]["embeddings_per_batch"]["mean"] == 2 * (40 - failed));
  }
}

TEST_CASE("A vector of another dimension than those before is a failure, even alone in its answer",
          "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms"});
  const SweepRun run =
      RunEmbed(scratch, sim,
               {"--batch-sizes", "3", "--sequence-lengths", "20", "--num-runs", "1", "--dimensions", "64"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  for (const Json& record : run.Records(0)) CHECK(record["dimension"] == 64);

  // An endpoint that takes no notice of what was asked for.
  const OddServer deaf([](const std::string& request) {
    if (Contains(request, "/tokenize")) return HttpReply(404, "application/json", "{}");
    return HttpReply(200, "application/json",
                     R"({"data":[{"index":0,"embedding":[0.5,0.25]}],"usage":{"prompt_tokens":3}})");
  });
  const Scratch other;
  const SweepRun wrong =
      FinishSweep(*StartSweep(other, "embed",
                              SweepFlags(deaf.url(), {"--batch-sizes", "2", "--sequence-lengths", "5",
                                                      "--num-runs", "1", "--dimensions", "64"})),
                  other);
  INFO(wrong.Said());
  CHECK(wrong.exit == 3);
  CHECK(Contains(wrong.json.dump(), "the vectors have 2 numbers, expected 64"));
}

TEST_CASE("Documents are ranked through every route", "[apps]") {
  for (const std::string api : {"jina", "cohere-v2", "score", "tei"}) {
    INFO(api);
    const Scratch scratch;
    SimProcess sim({"--ttft", "1ms"});
    const SweepRun run = RunEmbed(scratch, sim,
                                  {"--batch-sizes", "4", "--sequence-lengths", "R(64,8)", "--num-runs", "1",
                                   "--rerank-documents", "5", "--rerank-api", api});
    INFO(run.Said());
    REQUIRE(run.exit == 0);
    CHECK(run.Level("batch_4_seq_R(64,8)")["reliability"]["successful_requests"] == 4);
    CHECK(run.Level("batch_4_seq_R(64,8)")["tokens"]["embeddings_per_batch"]["mean"] == 20);
    const std::vector<Json> logged = sim.StopAndReadLog();
    REQUIRE_FALSE(logged.empty());
    for (const Json& request : logged) CHECK(request["prompt_tokens"] == 5 * (64 + 8));
  }
}

TEST_CASE("Text-embeddings-inference is spoken to at /embed", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "1ms"});
  const SweepRun run =
      RunEmbed(scratch, sim,
               {"--batch-sizes", "4", "--sequence-lengths", "medium", "--num-runs", "1", "--api", "tei"});
  INFO(run.Said());
  REQUIRE(run.exit == 0);
  const std::vector<Json> logged = sim.StopAndReadLog();
  REQUIRE_FALSE(logged.empty());
  for (const Json& request : logged) CHECK(Contains(request["route"].get<std::string>(), "/embed"));
}

TEST_CASE("Loads can be sustained, or offered at a rate", "[apps]") {
  const Scratch scratch;
  SimProcess sim({"--ttft", "10ms"});
  const SweepRun sustained = RunEmbed(
      scratch, sim,
      {"--max-concurrency", "3", "--num-requests", "30", "--sequence-lengths", "short", "--num-runs", "1"});
  INFO(sustained.Said());
  REQUIRE(sustained.exit == 0);
  CHECK(sustained.Level("concurrency_3_seq_short")["reliability"]["total_requests"] == 30);
  CHECK(MostAtOnce(sim.StopAndReadLog()) == 3);

  const Scratch other;
  SimProcess second({"--ttft", "1ms"});
  const SweepRun rate = RunEmbed(other, second,
                                 {"--request-rate", "100", "--arrival", "constant", "--num-requests", "40",
                                  "--sequence-lengths", "short", "--num-runs", "1"});
  INFO(rate.Said());
  REQUIRE(rate.exit == 0);
  CHECK(rate.Level("rate_100_seq_short")["reliability"]["total_requests"] == 40);
  std::vector<Json> records = rate.Records(0);
  REQUIRE(records.size() == 40);
  const double seconds =
      (records.back()["scheduled_ns"].get<double>() - records.front()["scheduled_ns"].get<double>()) / 1e9;
  CHECK(seconds == Approx(0.39));
}

}  // namespace llmdyno
