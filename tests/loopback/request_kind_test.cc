// What else a sweep sends than conversations: pictures, token ids, several choices, texts to embed and
// documents to rank, and what comes of wrong answers to them.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "llmdyno/dialect/embeddings_dialect.h"
#include "llmdyno/dialect/rerank_dialect.h"
#include "llmdyno/workload/noise_image.h"
#include "loopback/loopback.h"
#include "support/written_files.h"

using namespace llmdyno;
using Json = nlohmann::json;

namespace {

// The simulator's log, read when the simulator has stopped.
class TruthLog {
 public:
  TruthLog()
      : path_(std::filesystem::temp_directory_path() / ("llmdyno-kinds-" + std::to_string(::getpid()))) {}
  ~TruthLog() {
    KeepWrittenFile(path_, "log.jsonl");
    std::filesystem::remove(path_);
  }
  std::string path() const { return path_.string(); }
  std::vector<Json> Lines() const {
    std::ifstream file(path_);
    std::vector<Json> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
    return lines;
  }

 private:
  std::filesystem::path path_;
};

Request RequestOf(RequestBody body) {
  Request request;
  request.body = std::move(body);
  return request;
}

// Two different pictures of 64 x 32 pixels, and a third that is drawn from `seed` alone.
Request Pictures(uint64_t seed) {
  ChatBody chat{{{"user", "What do they show?"}}};
  for (const uint64_t each : {uint64_t{1}, uint64_t{2}, seed}) {
    chat.messages[0].image_urls.push_back(
        std::make_shared<const std::string>(DataUrl("image/png", NoisePng(64, 32, Rng(each)))));
  }
  Request request = RequestOf(std::move(chat));
  request.max_output_tokens = 5;
  return request;
}

Request Texts() { return RequestOf(EmbeddingBody{{"one two", "three", "four five six"}}); }
Request Documents() { return RequestOf(RerankBody{"red car", {"blue sky", "a red car", "a car"}}); }

LoopbackRunConfig EmbeddingRun(const SimServer& sim, EmbeddingsDialectConfig config = {}) {
  return {.url = sim.base_url(), .requests = {Texts()}, .make_dialect = [config] {
            return MakeEmbeddingsDialect(config);
          }};
}
LoopbackRunConfig RerankRun(const SimServer& sim, RerankApi api) {
  return {.url = sim.base_url(), .requests = {Documents()}, .make_dialect = [api] {
            return MakeRerankDialect({.api = api});
          }};
}

}  // namespace

TEST_CASE("Pictures arrive as image parts with their sizes, distinct and reproducible", "[kinds][images]") {
  const TruthLog log;
  LoopbackRun run;
  {
    const auto sim = StartSim("fast:log=" + log.path());
    run = RunLoopback({.url = sim->base_url(),
                       .stop = {.requests = 3, .max_duration = kPatience},
                       .requests = {Pictures(3), Pictures(4), Pictures(3)}});
  }
  const std::vector<Json> lines = log.Lines();
  REQUIRE(lines.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(run.records[i].outcome.ok());
    CHECK(run.records[i].images == 3);
    CHECK(lines[i]["image_sizes"] == Json({"64x32", "64x32", "64x32"}));
    CHECK(lines[i]["prompt_tokens"] == 4);
    const Json content = lines[i]["body"]["messages"][0]["content"];
    CHECK(content[0] == Json({{"type", "text"}, {"text", "What do they show?"}}));
    CHECK(content[1]["type"] == "image_url");
  }
  const Json hashes = lines[0]["image_hashes"];
  CHECK(hashes[0] != hashes[1]);
  CHECK(hashes[1] != hashes[2]);
  CHECK(lines[1]["image_hashes"][2] != hashes[2]);
  CHECK(lines[2]["image_hashes"] == hashes);
}

TEST_CASE("A picture of megabytes arrives whole, and the log keeps its head", "[kinds][images]") {
  const TruthLog log;
  Request request = RequestOf(ChatBody{{{"user", ""}}});
  std::get<ChatBody>(request.body)
      .messages[0]
      .image_urls.push_back(
          std::make_shared<const std::string>(DataUrl("image/png", NoisePng(1024, 1024, Rng(1)))));
  LoopbackRun run;
  {
    const auto sim = StartSim("fast:log=" + log.path());
    run = RunLoopback({.url = sim->base_url(), .requests = {request}});
  }
  CHECK(run.record().outcome.ok());
  CHECK(run.record().sent_bytes > 4'194'304);  // 1024 x 1024 x 3 bytes in base64
  const Json line = log.Lines().at(0);
  CHECK(line["image_sizes"] == Json({"1024x1024"}));
  CHECK(line["body_truncated"] == true);
  CHECK(line["body"]["model"] == "simulated");
  CHECK(line.dump().size() < 10'000);
}

TEST_CASE("Token ids, an adapter and a lower limit reach the endpoint", "[kinds]") {
  const TruthLog log;
  Request request = RequestOf(TokenIdsBody{{15, 7, 128'000, 9}});
  request.model = "adapter-3";
  request.max_output_tokens = 12;
  request.min_output_tokens = 12;
  LoopbackRun run;
  {
    const auto sim = StartSim("fast:output_tokens=3,log=" + log.path());
    run = RunLoopback(
        {.url = sim->base_url(), .dialect = {.route = OpenAiRoute::kCompletions}, .requests = {request}});
  }
  CHECK(run.record().outcome.ok());
  CHECK(run.record().model == "adapter-3");
  CHECK(run.record().input_tokens == TokenCount{4, TokenCountSource::kUsage});
  CHECK(run.record().output_tokens == TokenCount{12, TokenCountSource::kUsage});
  const Json body = log.Lines().at(0)["body"];
  CHECK(body["prompt"] == Json({15, 7, 128'000, 9}));
  CHECK(body["model"] == "adapter-3");
  CHECK(body["min_tokens"] == 12);
}

TEST_CASE("Three choices are counted as the tokens of three", "[kinds]") {
  const auto sim = StartSim("fast");
  for (const bool stream : {true, false}) {
    for (const bool continuous : {false, true}) {
      if (continuous && !stream) continue;
      const LoopbackRun run = RunLoopback(
          {.url = sim->base_url(),
           .dialect = {.stream = stream, .continuous_usage = continuous, .ignore_eos = true, .n = 3}});
      CHECK(run.record().outcome.ok());
      CHECK(run.record().output_tokens == TokenCount{60, TokenCountSource::kUsage});
      CHECK(run.record().arrivals.total_tokens() == 60);
    }
  }
}

TEST_CASE("Cost and provider of a router are recorded", "[kinds]") {
  const auto sim = StartSim("fast:extras=true");
  for (const bool stream : {true, false}) {
    const LoopbackRun run =
        RunLoopback({.url = sim->base_url(), .dialect = {.stream = stream, .ignore_eos = true}});
    CHECK(run.record().provider == "simulated");
    REQUIRE(run.record().reported_cost);
    CHECK(*run.record().reported_cost == (3 + 2 * 20) / 1e6);  // "Tell me something."
  }
}

TEST_CASE("Vectors are counted as items, in either encoding and of either API", "[kinds][embeddings]") {
  const auto sim = StartSim("fast:embedding_dimensions=1536");
  int64_t float_bytes = 0;
  for (const EmbeddingEncoding encoding : {EmbeddingEncoding::kFloat, EmbeddingEncoding::kBase64}) {
    const LoopbackRun run = RunLoopback(EmbeddingRun(*sim, {.encoding_format = encoding}));
    CHECK(run.record().outcome.ok());
    CHECK(run.record().items == 3);
    CHECK(run.record().input_tokens == TokenCount{6, TokenCountSource::kUsage});
    CHECK(run.record().output_tokens.tokens == 0);
    CHECK_FALSE(run.record().streamed);
    if (encoding == EmbeddingEncoding::kFloat) float_bytes = run.record().received_bytes;
    if (encoding == EmbeddingEncoding::kBase64) CHECK(run.record().received_bytes < float_bytes);
  }
  const LoopbackRun cut = RunLoopback(EmbeddingRun(*sim, {.dimensions = 8}));
  CHECK(cut.record().items == 3);
  CHECK(cut.record().received_bytes < 1000);
  CHECK(RunLoopback(EmbeddingRun(*sim, {.api = EmbeddingsApi::kTei})).record().items == 3);
}

TEST_CASE("Every way to ask for a ranking gets a score for each document", "[kinds][rerank]") {
  const TruthLog log;
  {
    const auto sim = StartSim("fast:log=" + log.path());
    for (const RerankApi api : {RerankApi::kJina, RerankApi::kCohereV2, RerankApi::kScore, RerankApi::kTei}) {
      const LoopbackRun run = RunLoopback(RerankRun(*sim, api));
      INFO(ToString(api) << ": " << run.record().outcome.message);
      CHECK(run.record().outcome.ok());
      CHECK(run.record().items == 3);
    }
  }
  const std::vector<Json> lines = log.Lines();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0]["route"] == "/v1/rerank");
  CHECK(lines[1]["route"] == "/v2/rerank");
  CHECK(lines[2]["route"] == "/score");
  CHECK(lines[3]["route"] == "/rerank");
  CHECK(lines[0]["prompt_tokens"] == 3 * 2 + 2 + 3 + 2);  // the query with each document
  CHECK(lines[2]["body"]["text_1"] == "red car");
  CHECK(lines[3]["body"]["texts"].size() == 3);
}

TEST_CASE("Wrong vectors and scores are failures with a sentence", "[kinds][faults]") {
  const auto message = [](const LoopbackRun& run, OutcomeClass expected) {
    CHECK(run.record().outcome.cls == expected);
    return run.record().outcome.message;
  };
  const OutcomeClass malformed = OutcomeClass::kMalformedStream;
  const auto few = StartSim("fast:short_items=1");
  CHECK(message(RunLoopback(EmbeddingRun(*few)), malformed) == "the answer has 2 items, expected 3");
  // The ranking lacks its worst: scores of documents 1 and 2 remain, and there is no third.
  CHECK(message(RunLoopback(RerankRun(*few, RerankApi::kScore)), malformed) ==
        "the answer has 2 items, expected 3");
  CHECK_FALSE(RunLoopback(RerankRun(*few, RerankApi::kJina)).record().outcome.ok());

  const auto none = StartSim("fast:nan_item=1");
  LoopbackRunConfig twice = EmbeddingRun(*none);
  twice.stop.requests = 2;
  const LoopbackRun vectors = RunLoopback(twice);
  CHECK(vectors.records.at(0).outcome.message == "data[2].embedding[512] is not a finite number: NaN");
  CHECK(vectors.records.at(1).outcome.message == "data[2].embedding[512] is not a finite number: null");
  CHECK(message(RunLoopback(EmbeddingRun(*none, {.encoding_format = EmbeddingEncoding::kBase64})),
                malformed) == "data[2].embedding[512] is not a finite number");
  CHECK_THAT(message(RunLoopback(RerankRun(*none, RerankApi::kTei)), malformed),
             Catch::Contains("[2].score is not a finite number"));

  const auto other = StartSim("fast:other_dimension=1");
  CHECK(message(RunLoopback(EmbeddingRun(*other)), malformed) ==
        "data[2].embedding has 1023 numbers, data[0].embedding has 1024");
  CHECK(message(RunLoopback(EmbeddingRun(*other, {.api = EmbeddingsApi::kTei})), malformed) ==
        "[2] has 1023 numbers, [0] has 1024");
  CHECK(RunLoopback(RerankRun(*other, RerankApi::kJina)).record().outcome.ok());

  const auto empty = StartSim("fast:empty=1");
  CHECK(message(RunLoopback(EmbeddingRun(*empty)), OutcomeClass::kEmpty) ==
        "the answer has 0 items, expected 3");
}

TEST_CASE("Broken bodies and refusals of vectors are failures like those of texts", "[kinds][faults]") {
  const auto outcome = [](const std::string& fault) {
    const auto sim = StartSim("fast:" + fault + "=1");
    return RunLoopback(EmbeddingRun(*sim)).record().outcome;
  };
  CHECK(outcome("bad_json").cls == OutcomeClass::kMalformedStream);
  CHECK(outcome("sse_error").cls == OutcomeClass::kProviderError);
  CHECK(outcome("http_503").cls == OutcomeClass::kOverload);
  CHECK(outcome("cut").cls == OutcomeClass::kCutStream);
}
