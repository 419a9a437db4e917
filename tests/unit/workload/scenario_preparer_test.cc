#include "llmdyno/workload/scenario_preparer.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "fake_tokenizers.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

Scenario Parsed(std::string_view text) {
  auto scenario = Scenario::Parse(text);
  REQUIRE(scenario.ok());
  return *std::move(scenario);
}

// A URL that says what was asked for.
ImageMaker FakeImages() {
  return [](int64_t width_px, int64_t height_px, Rng rng) {
    return std::make_shared<const std::string>("data:" + std::to_string(width_px) + "x" +
                                               std::to_string(height_px) + "," + std::to_string(rng.Next()));
  };
}

ScenarioPreparerConfig Config(std::string_view scenario) {
  ScenarioPreparerConfig config{.scenario = Parsed(scenario)};
  config.make_image = FakeImages();
  return config;
}

class Preparing {
 public:
  explicit Preparing(const ScenarioPreparerConfig& config, uint64_t pool_seed = 1)
      : preparer_(Make(config, pool_seed)) {}

  std::vector<Request> operator()(int64_t count, uint64_t seed = 1) {
    auto requests = preparer_->Prepare(count, Rng(seed));
    INFO(requests.status().ToString());
    REQUIRE(requests.ok());
    REQUIRE(std::ssize(*requests) == count);
    for (int64_t i = 0; i < count; ++i) REQUIRE((*requests)[static_cast<size_t>(i)].id == i);
    return *std::move(requests);
  }
  PairTokenizer& tokenizer() { return tokenizer_; }

 private:
  std::unique_ptr<RequestPreparer> Make(const ScenarioPreparerConfig& config, uint64_t pool_seed) {
    auto made = MakeScenarioPreparer(config, *MakeSyntheticTextPool(tokenizer_, Rng(pool_seed)), tokenizer_);
    INFO(made.status().ToString());
    REQUIRE(made.ok());
    return *std::move(made);
  }

  PairTokenizer tokenizer_;
  std::unique_ptr<RequestPreparer> preparer_;
};

const Message& OnlyMessage(const Request& request) {
  const auto& chat = std::get<ChatBody>(request.body);
  REQUIRE(chat.messages.size() == 1);
  CHECK(chat.messages[0].role == "user");
  return chat.messages[0];
}

TEST_CASE("Requests have the drawn lengths, as one message of a user", "[workload][scenario_preparer]") {
  Preparing prepare(Config("U(50,200)/(10,20)"));
  const Scenario scenario = Parsed("U(50,200)/(10,20)");
  Rng rng(1);
  Rng shapes(rng.Next());
  std::set<std::string> texts;
  for (const Request& request : prepare(600)) {
    const RequestShape shape = scenario.Sample(shapes);
    CHECK(request.target_prompt_tokens == shape.input_tokens);
    CHECK(request.prompt_tokens == shape.input_tokens);
    CHECK(request.prompt_tokens_source == TokenCountSource::kTokenizer);
    CHECK(prepare.tokenizer().Count(OnlyMessage(request).content) == shape.input_tokens);
    CHECK(request.max_output_tokens == shape.output_tokens);
    CHECK_FALSE(request.min_output_tokens);
    CHECK(request.model.empty());
    texts.insert(OnlyMessage(request).content);
  }
  CHECK(texts.size() == 600);
}

TEST_CASE("The same Rng gives the same requests, however often, and the same shapes from any text",
          "[workload][scenario_preparer]") {
  Preparing prepare(Config("0.5*N(100,50)/(50,20)+0.5*U(10,20)"));
  Preparing other_text(Config("0.5*N(100,50)/(50,20)+0.5*U(10,20)"), 2);
  const auto first = prepare(300, 7);
  prepare(10, 8);
  const auto again = prepare(300, 7);
  const auto fewer = prepare(100, 7);
  const auto elsewhere = other_text(300, 7);
  for (size_t i = 0; i < first.size(); ++i) {
    CHECK(PromptText(first[i]) == PromptText(again[i]));
    CHECK((i >= fewer.size() || PromptText(first[i]) == PromptText(fewer[i])));
    CHECK((first[i].prompt_tokens < 20 || PromptText(first[i]) != PromptText(elsewhere[i])));
    CHECK(first[i].target_prompt_tokens == elsewhere[i].target_prompt_tokens);
    CHECK(first[i].max_output_tokens == elsewhere[i].max_output_tokens);
  }
  CHECK(PromptText(prepare(1, 9)[0]) != PromptText(first[0]));
}

TEST_CASE("Output is clamped, and exact where that is asked for", "[workload][scenario_preparer]") {
  CHECK(Preparing(Config("D(5,9000)"))(1)[0].max_output_tokens == 4096);
  auto config = Config("D(5,100)");
  config.max_output_tokens = 60;
  config.exact_output = true;
  const Request request = Preparing(config)(1)[0];
  CHECK(request.max_output_tokens == 60);
  CHECK(request.min_output_tokens == 60);
}

TEST_CASE("A bare completion is the prompt alone", "[workload][scenario_preparer]") {
  auto config = Config("D(40,5)");
  config.wording = PromptWording::kCompletion;
  Preparing prepare(config);
  const Request request = prepare(1)[0];
  CHECK(prepare.tokenizer().Count(std::get<CompletionBody>(request.body).prompt) == 40);
}

TEST_CASE("Prompts as token ids have exactly as many, of the vocabulary of the text",
          "[workload][scenario_preparer]") {
  auto config = Config("U(1,300)/(5,5)");
  config.wording = PromptWording::kTokenIds;
  Preparing prepare(config);
  const auto pool = *MakeSyntheticTextPool(prepare.tokenizer(), Rng(1));
  std::set<int32_t> vocabulary;
  for (size_t row = 0; row < size_t(pool->size()); ++row) {
    const std::string_view text = pool->Row(row);
    const auto ids = prepare.tokenizer().TokenIds({&text, 1});
    vocabulary.insert((*ids)[0].begin(), (*ids)[0].end());
  }
  std::set<std::vector<int32_t>> openings;
  size_t long_ones = 0;
  for (const Request& request : prepare(2000)) {
    const auto& ids = std::get<TokenIdsBody>(request.body).token_ids;
    REQUIRE(std::ssize(ids) == request.target_prompt_tokens);
    CHECK(request.prompt_tokens == request.target_prompt_tokens);
    CHECK(request.prompt_tokens_source == TokenCountSource::kTokenizer);
    for (const int32_t id : ids) REQUIRE(vocabulary.contains(id));
    if (ids.size() < 3) continue;
    ++long_ones;
    openings.insert({ids.begin(), ids.begin() + 3});
  }
  CHECK(openings.size() == long_ones);
}

TEST_CASE("Token ids share a prefix to the token", "[workload][scenario_preparer]") {
  auto config = Config("U(100,120)/(5,5)");
  config.wording = PromptWording::kTokenIds;
  config.prefix = GENERATE(SharedPrefix{.tokens = 80}, SharedPrefix{.ratio = 0.8});
  std::set<std::vector<int32_t>> prefixes;
  std::set<std::vector<int32_t>> all;
  for (const Request& request : Preparing(config)(200)) {
    const auto& ids = std::get<TokenIdsBody>(request.body).token_ids;
    prefixes.insert({ids.begin(), ids.begin() + 80});
    all.insert({ids.begin(), ids.begin() + 99});
  }
  CHECK(prefixes.size() == 1);
  CHECK(all.size() == 200);
}

TEST_CASE("Images come in the asked size and number, no two alike, with a text of their own",
          "[workload][scenario_preparer]") {
  Preparing prepare(Config("I(64,32,2)"));
  std::set<std::string> urls;
  std::set<std::string> texts;
  for (const Request& request : prepare(50)) {
    const Message& message = OnlyMessage(request);
    REQUIRE(message.image_urls.size() == 2);
    for (const auto& url : message.image_urls) {
      CHECK(url->starts_with("data:64x32,"));
      urls.insert(*url);
    }
    texts.insert(message.content);
    CHECK(request.target_prompt_tokens == 32);
    CHECK(request.prompt_tokens == 32);
    CHECK(request.max_output_tokens == 4096);
  }
  CHECK(urls.size() == 100);
  CHECK(texts.size() == 50);
  CHECK(*OnlyMessage(prepare(2)[1]).image_urls[0] == *OnlyMessage(prepare(2)[1]).image_urls[0]);
}

TEST_CASE("Images can do without a text", "[workload][scenario_preparer]") {
  auto config = Config("I(8,8)");
  config.image_text_tokens = 0;
  const Request request = Preparing(config)(1)[0];
  CHECK(OnlyMessage(request).content.empty());
  CHECK(OnlyMessage(request).image_urls.size() == 1);
  CHECK_FALSE(request.target_prompt_tokens);
  CHECK_FALSE(request.prompt_tokens);
}

TEST_CASE("A dataset's pictures are sent as they are, with their own prompts, each once before any again",
          "[workload][scenario_preparer]") {
  DatasetRows dataset;
  for (int i = 0; i < 10; ++i) {
    const std::string name = std::to_string(i);
    dataset.rows.push_back({"what is in " + name, {std::make_shared<const std::string>("url " + name)}});
    dataset.rows.push_back({"a row without a picture"});
  }
  auto config = Config("I(512,512)");
  config.make_image = {};
  config.pictures = std::make_shared<const DatasetRows>(dataset);
  std::map<std::string, int> seen;
  const auto requests = Preparing(config)(25);
  for (size_t i = 0; i < requests.size(); ++i) {
    const Message& message = OnlyMessage(requests[i]);
    REQUIRE(message.image_urls.size() == 1);
    CHECK(message.content == "what is in " + message.image_urls[0]->substr(4));
    ++seen[message.content];
    CHECK(requests[i].prompt_tokens == 4);
    CHECK_FALSE(requests[i].target_prompt_tokens);
    if (i == 9) CHECK(seen.size() == 10);
  }
  config.scenario = Parsed("I(512,512,3)");
  const Request three = Preparing(config)(1)[0];
  CHECK(OnlyMessage(three).image_urls.size() == 3);
  CHECK(three.prompt_tokens == 12);
}

TEST_CASE("E makes texts to embed, each of the length", "[workload][scenario_preparer]") {
  auto config = Config("E(128)");
  config.texts_per_request = 3;
  Preparing prepare(config);
  std::set<std::string> texts;
  for (const Request& request : prepare(200)) {
    for (const std::string& text : std::get<EmbeddingBody>(request.body).texts) {
      CHECK(prepare.tokenizer().Count(text) == 128);
      texts.insert(text);
    }
    CHECK(request.target_prompt_tokens == 384);
    CHECK(request.prompt_tokens == 384);
    CHECK_FALSE(request.max_output_tokens);
  }
  CHECK(texts.size() == 600);
}

TEST_CASE("R makes a query and documents of their lengths", "[workload][scenario_preparer]") {
  Preparing prepare(Config("R(128,16)"));
  std::set<std::string> texts;
  for (const Request& request : prepare(50)) {
    const auto& body = std::get<RerankBody>(request.body);
    CHECK(prepare.tokenizer().Count(body.query) == 16);
    CHECK(body.documents.size() == 8);
    texts.insert(body.query);
    for (const std::string& document : body.documents) {
      CHECK(prepare.tokenizer().Count(document) == 128);
      texts.insert(document);
    }
    // The query is read with each document.
    CHECK(request.target_prompt_tokens == 8 * (16 + 128));
    CHECK(request.prompt_tokens == 8 * (16 + 128));
    CHECK_FALSE(request.max_output_tokens);
  }
  CHECK(texts.size() == 50 * 9);
}

TEST_CASE("A mixture of texts and images gives each its own", "[workload][scenario_preparer]") {
  int64_t images = 0;
  for (const Request& request : Preparing(Config("0.5*D(100,10)+0.5*I(8,8)"))(1000)) {
    const bool has_image = ImageCount(request) == 1;
    images += has_image ? 1 : 0;
    CHECK(request.prompt_tokens == (has_image ? 32 : 100));
    CHECK(request.max_output_tokens == (has_image ? 4096 : 10));
  }
  CHECK(std::abs(images - 500) < 80);
}

TEST_CASE("A shared prefix is that of all series", "[workload][scenario_preparer]") {
  auto config = Config("D(300,10)");
  config.prefix.tokens = 100;
  Preparing prepare(config);
  const std::string one = PromptText(prepare(1, 1)[0]);
  const std::string other = PromptText(prepare(1, 2)[0]);
  const auto differ = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first;
  CHECK(prepare.tokenizer().Count(std::string_view(one).substr(0, size_t(differ - one.begin()))) >= 100);
}

TEST_CASE("What cannot be prepared is refused in a sentence", "[workload][scenario_preparer]") {
  const auto error = [](const ScenarioPreparerConfig& config) {
    return std::string(config.Validate().message());
  };
  auto config = Config("D(1,1)");
  config.max_output_tokens = 0;
  CHECK(error(config) == "max_output_tokens is 0: expected 1 to 10000000");
  config = Config("R(1,1)");
  config.rerank_documents = 0;
  CHECK(error(config) == "rerank_documents is 0: expected 1 to 100000");
  config.rerank_documents = 1;
  config.wording = PromptWording::kTokenIds;
  CHECK(error(config) == "the scenario 'R(1,1)' is sent as text: expected no prompts as token ids");
  config = Config("I(8,8)");
  config.wording = PromptWording::kCompletion;
  CHECK(error(config) ==
        "the scenario 'I(8,8)' has images, which only fit into a chat: expected no bare completions");
  config = Config("I(8,8)");
  config.make_image = {};
  CHECK(error(config) == "the scenario 'I(8,8)' has images: nothing makes them");
  DatasetRows dataset;
  dataset.rows = {{"text"}};
  config.pictures = std::make_shared<const DatasetRows>(dataset);
  CHECK(error(config) == "the scenario 'I(8,8)' has images, but no row of the dataset has a picture");
}

TEST_CASE("Token ids need a counter that knows them", "[workload][scenario_preparer]") {
  const auto counter = MakeEstimatingTokenCounter();
  auto config = Config("D(10,10)");
  config.wording = PromptWording::kTokenIds;
  const auto made = MakeScenarioPreparer(config, *MakeSyntheticTextPool(*counter, Rng(1)), *counter);
  CHECK(absl::IsUnimplemented(made.status()));
  CHECK(made.status().message() ==
        "prompts as token ids were asked for, but nothing here knows the model's vocabulary: expected an "
        "endpoint with a /tokenize route that lists the tokens");
}

TEST_CASE("A counter that breaks down while requests are prepared is passed on",
          "[workload][scenario_preparer]") {
  WordTokenizer counter;
  const auto preparer =
      *MakeScenarioPreparer(Config("D(10,10)"), *MakeSyntheticTextPool(counter, Rng(1)), counter);
  counter.fails = true;
  CHECK(absl::IsUnavailable(preparer->Prepare(5, Rng(1)).status()));
}

}  // namespace
}  // namespace llmdyno
