#include "llmdyno/workload/prompt_source.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "support/catch.h"

namespace llmdyno {
namespace {

std::vector<Prompt> Numbered(int count) {
  std::vector<Prompt> prompts;
  for (int i = 0; i < count; ++i)
    prompts.push_back({std::to_string(i), {i + 1, TokenCountSource::kTokenizer}});
  return prompts;
}

Request NextOf(RequestSource& source) {
  NextRequest next = source.Next(TimePoint());
  REQUIRE(std::holds_alternative<Request>(next));
  return std::get<Request>(std::move(next));
}

std::vector<std::string> Draw(RequestSource& source, int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(PromptText(NextOf(source)));
  return texts;
}

std::unique_ptr<RequestSource> ListOf(int count, PromptListConfig config = {}, uint64_t seed = 1) {
  return MakePromptListSource(Numbered(count), config, Rng(seed)).value();
}

TEST_CASE("A request carries the system prompt, the prompt, its length and the output limit",
          "[workload][prompt_source]") {
  const auto source =
      MakePromptListSource({{"Why?", {2, TokenCountSource::kCalibrated}}},
                           {.request = {.system_prompt = "Be brief.", .max_output_tokens = 300}}, Rng(1))
          .value();
  const Request request = NextOf(*source);
  const auto& messages = std::get<ChatBody>(request.body).messages;
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].role == "system");
  CHECK(messages[0].content == "Be brief.");
  CHECK(messages[1].role == "user");
  CHECK(messages[1].content == "Why?");
  CHECK(request.prompt_tokens == 2);
  CHECK(request.prompt_tokens_source == TokenCountSource::kCalibrated);
  CHECK(request.max_output_tokens == 300);
  CHECK(request.id == 0);
  CHECK(NextOf(*source).id == 1);
}

TEST_CASE("Without a system prompt a request is the user's message alone", "[workload][prompt_source]") {
  const auto source = ListOf(1, {.request = {.system_prompt = ""}});
  const Request request = NextOf(*source);
  CHECK(std::get<ChatBody>(request.body).messages.size() == 1);
  CHECK(std::get<ChatBody>(request.body).messages[0].role == "user");
}

TEST_CASE("A bare completion is the prompt and nothing else", "[workload][prompt_source]") {
  const auto source = ListOf(1, {.request = {.body = PromptBody::kCompletion, .max_output_tokens = {}}});
  const Request request = NextOf(*source);
  CHECK(std::get<CompletionBody>(request.body).prompt == "0");
  CHECK_FALSE(request.max_output_tokens);
}

TEST_CASE("A prompt that nobody counted has no length", "[workload][prompt_source]") {
  const auto source = MakePromptListSource({{"Why?"}}, {}, Rng(1)).value();
  CHECK_FALSE(NextOf(*source).prompt_tokens);
}

TEST_CASE("In the order given, prompts go round and round", "[workload][prompt_source]") {
  const auto source = ListOf(3, {.order = PromptOrder::kAsGiven});
  CHECK(Draw(*source, 7) == std::vector<std::string>{"0", "1", "2", "0", "1", "2", "0"});
}

TEST_CASE("Shuffled, no prompt repeats before all were used, and each round has an order of its own",
          "[workload][prompt_source]") {
  const auto source = ListOf(50);
  std::set<std::vector<std::string>> orders;
  for (int round = 0; round < 20; ++round) {
    const auto texts = Draw(*source, 50);
    CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == 50);
    orders.insert(texts);
  }
  CHECK(orders.size() == 20);
}

TEST_CASE("Shuffled, each prompt is equally likely to come first", "[workload][prompt_source]") {
  std::vector<int> first(4);
  constexpr int kSeeds = 4000;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) ++first[size_t(std::stoi(Draw(*ListOf(4, {}, seed), 1)[0]))];
  for (const int count : first) CHECK(std::abs(count - kSeeds / 4) < 140);  // deviation: sqrt(n * 3/16) = 27
}

TEST_CASE("The sequence depends on the seed and on nothing else", "[workload][prompt_source]") {
  CHECK(Draw(*ListOf(100, {}, 7), 300) == Draw(*ListOf(100, {}, 7), 300));
  CHECK(Draw(*ListOf(100, {}, 7), 300) != Draw(*ListOf(100, {}, 8), 300));
  // Neither the instants at which requests are drawn nor what becomes of them changes it.
  const auto hurried = ListOf(100, {}, 7);
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    texts.push_back(PromptText(std::get<Request>(hurried->Next(TimePoint(std::chrono::seconds(i))))));
    RequestRecord record;
    record.outcome.cls = OutcomeClass::kOverload;
    hurried->OnFinished(record);
  }
  CHECK(texts == Draw(*ListOf(100, {}, 7), 300));

  const auto synthetic = [](uint64_t seed) { return MakeSyntheticPromptSource({}, Rng(seed)).value(); };
  CHECK(Draw(*synthetic(7), 50) == Draw(*synthetic(7), 50));
  CHECK(Draw(*synthetic(7), 50) != Draw(*synthetic(8), 50));
}

TEST_CASE("A source with a limit is exhausted after it, and stays so", "[workload][prompt_source]") {
  const PromptRequestConfig limited{.max_requests = 3};
  const auto list = ListOf(2, {.request = limited});
  const auto synthetic = MakeSyntheticPromptSource({.request = limited}, Rng(1)).value();
  for (RequestSource* source : {list.get(), synthetic.get()}) {
    for (int i = 0; i < 3; ++i) CHECK(NextOf(*source).id == i);
    CHECK(std::holds_alternative<Exhausted>(source->Next(TimePoint())));
    CHECK(std::holds_alternative<Exhausted>(source->Next(TimePoint())));
  }
}

int64_t CountWords(const std::string& text) {
  std::istringstream in(text);
  int64_t words = 0;
  for (std::string word; in >> word;) ++words;
  return words;
}

TEST_CASE("Synthetic prompts have lengths all over the range and never outside",
          "[workload][prompt_source]") {
  const double tokens_per_word = GENERATE(1.0, 1.1, 1.3, 1.5, 0.7);
  CAPTURE(tokens_per_word);
  const auto source =
      MakeSyntheticPromptSource({.tokens = {.min_tokens = 20, .max_tokens = 50},
                                 .tokens_per_word = {tokens_per_word, TokenCountSource::kTokenizer}},
                                Rng(2))
          .value();
  int64_t shortest = 1000;
  int64_t longest = 0;
  for (int i = 0; i < 2000; ++i) {
    const Request request = NextOf(*source);
    const int64_t tokens = request.prompt_tokens.value();
    REQUIRE(tokens >= 20);
    REQUIRE(tokens <= 50);
    REQUIRE(tokens == std::llround(static_cast<double>(CountWords(PromptText(request))) * tokens_per_word));
    REQUIRE(request.prompt_tokens_source == TokenCountSource::kTokenizer);
    shortest = std::min(shortest, tokens);
    longest = std::max(longest, tokens);
  }
  CHECK(shortest <= 21);  // at most a word's worth from the ends
  CHECK(longest >= 49);
}

TEST_CASE("A range without a whole number of words gives the nearest one", "[workload][prompt_source]") {
  // 20 tokens are 13.3 words of 1.5 tokens; 13 words are 19.5 tokens, rounded 20.
  const auto source =
      MakeSyntheticPromptSource({.tokens = {.min_tokens = 20, .max_tokens = 20}}, Rng(3)).value();
  const Request request = NextOf(*source);
  CHECK(CountWords(PromptText(request)) == 13);
  CHECK(request.prompt_tokens == 20);
  // One token is less than a word.
  const auto tiny = MakeSyntheticPromptSource({.tokens = {.min_tokens = 1, .max_tokens = 1}}, Rng(3)).value();
  CHECK(CountWords(PromptText(NextOf(*tiny))) == 1);
}

TEST_CASE("Synthetic prompts are all different", "[workload][prompt_source]") {
  const auto source = MakeSyntheticPromptSource({}, Rng(4)).value();
  const auto texts = Draw(*source, 20'000);
  CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == texts.size());
}

TEST_CASE("Sources that make no sense are refused with a sentence", "[workload][prompt_source]") {
  const auto list_problem = [](std::vector<Prompt> prompts, const PromptRequestConfig& request) {
    return std::string(
        MakePromptListSource(std::move(prompts), {.request = request}, Rng(1)).status().message());
  };
  CHECK(list_problem({}, {}) == "there are no prompts to send");
  CHECK(list_problem(Numbered(1), {.max_output_tokens = 0}) ==
        "max_output_tokens is 0: expected 1 or more, or nothing for no such limit");
  CHECK(list_problem(Numbered(1), {.max_requests = -1}) ==
        "max_requests is -1: expected 1 or more, or nothing for no such limit");

  const auto synthetic_problem = [](const SyntheticPromptConfig& config) {
    return std::string(MakeSyntheticPromptSource(config, Rng(1)).status().message());
  };
  CHECK(synthetic_problem({.tokens = {.min_tokens = 0}}) ==
        "the shortest length of prompts is 0 tokens: expected 1 or more");
  CHECK(synthetic_problem({.tokens_per_word = {0}}) == "tokens_per_word is 0.000000: expected 0.01 to 100");
  CHECK(synthetic_problem({.tokens = {.min_tokens = 1, .max_tokens = 1'000'000'000}}) ==
        "the longest length of prompts is 1000000000 tokens: expected a prompt of at most 10000000 words");
  CHECK(synthetic_problem({.request = {.max_requests = 0}}) ==
        "max_requests is 0: expected 1 or more, or nothing for no such limit");
}

}  // namespace
}  // namespace llmdyno
