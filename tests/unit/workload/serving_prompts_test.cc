#include "llmdyno/workload/serving_prompts.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "piece_counter.h"
#include "support/catch.h"
#include "temporary_file.h"
#include "workload/verses.h"

namespace llmdyno {
namespace {

using Catch::Matchers::Contains;

std::vector<Prompt> Random(const RandomPromptConfig& config, uint64_t seed = 1) {
  PieceCounter counter;
  return MakeRandomPrompts(config, counter, Rng(seed)).value();
}

std::vector<Prompt> Sonnets(const SonnetPromptConfig& config, uint64_t seed = 1) {
  PieceCounter counter;
  return MakeSonnetPrompts(config, counter, Rng(seed)).value();
}

size_t SharedBytes(const Prompt& one, const Prompt& other) {
  const auto end =
      std::mismatch(one.text.begin(), one.text.end(), other.text.begin(), other.text.end()).first;
  return static_cast<size_t>(end - one.text.begin());
}

bool SameTexts(const std::vector<Prompt>& one, const std::vector<Prompt>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](const Prompt& a, const Prompt& b) {
    return a.text == b.text && a.max_output_tokens == b.max_output_tokens;
  });
}

TEST_CASE("Random prompts have the length asked for, to within a token", "[workload][serving_prompts]") {
  const std::vector<Prompt> prompts = Random({.prompts = 300, .input_len = 512, .output_len = 64});
  REQUIRE(prompts.size() == 300);
  std::set<std::string> texts;
  for (const Prompt& prompt : prompts) {
    CHECK(std::abs(PieceCounter::Count(prompt.text) - 512) <= 1);
    CHECK(prompt.tokens.tokens == PieceCounter::Count(prompt.text));
    CHECK(prompt.max_output_tokens == 64);
    texts.insert(prompt.text.substr(0, 60));
  }
  CHECK(texts.size() == 300);  // no beginning that a prefix cache could use
}

TEST_CASE("A range ratio spreads both lengths evenly around the middle", "[workload][serving_prompts]") {
  const std::vector<Prompt> prompts =
      Random({.prompts = 1000, .input_len = 100, .output_len = 50, .range_ratio = 0.5});
  double inputs = 0;
  double outputs = 0;
  int64_t longest = 0;
  int64_t shortest = 1000;
  for (const Prompt& prompt : prompts) {
    inputs += static_cast<double>(prompt.tokens.tokens) / 1000;
    outputs += static_cast<double>(*prompt.max_output_tokens) / 1000;
    CHECK(prompt.tokens.tokens >= 49);
    CHECK(prompt.tokens.tokens <= 151);
    CHECK(*prompt.max_output_tokens >= 25);
    CHECK(*prompt.max_output_tokens <= 75);
    longest = std::max(longest, *prompt.max_output_tokens);
    shortest = std::min(shortest, *prompt.max_output_tokens);
  }
  CHECK(longest == 75);
  CHECK(shortest == 25);
  CHECK(inputs == Approx(100).margin(4));  // a standard error is 29 / sqrt(1000) = 0.9
  CHECK(outputs == Approx(50).margin(2));
}

TEST_CASE("A shared prefix comes on top of a random prompt's own length", "[workload][serving_prompts]") {
  const std::vector<Prompt> prompts = Random({.prompts = 20, .input_len = 100, .prefix_len = 200});
  for (const Prompt& prompt : prompts) CHECK(std::abs(prompt.tokens.tokens - 300) <= 1);
  const size_t shared = SharedBytes(prompts[0], prompts[1]);
  CHECK(std::abs(PieceCounter::Count(prompts[0].text.substr(0, shared)) - 200) <= 3);
  CHECK(SharedBytes(prompts[7], prompts[19]) >= prompts[0].text.find_last_of(' ', shared));
}

TEST_CASE("The seed decides random prompts and sonnets", "[workload][serving_prompts]") {
  const RandomPromptConfig random{.prompts = 5, .range_ratio = 0.2};
  CHECK(SameTexts(Random(random), Random(random)));
  CHECK_FALSE(SameTexts(Random(random), Random(random, 2)));
  const SonnetPromptConfig sonnet{.prompts = 5};
  CHECK(SameTexts(Sonnets(sonnet), Sonnets(sonnet)));
  CHECK_FALSE(SameTexts(Sonnets(sonnet), Sonnets(sonnet, 2)));
}

TEST_CASE("Sonnets share a prefix of lines and differ behind it", "[workload][serving_prompts]") {
  const std::vector<Prompt> prompts = Sonnets({.prompts = 50});
  size_t shared = std::string::npos;
  for (const Prompt& prompt : prompts) {
    CHECK(std::abs(prompt.tokens.tokens - 550) <= 1);
    CHECK(prompt.max_output_tokens == 150);
    if (&prompt != prompts.data()) shared = std::min(shared, SharedBytes(prompts[0], prompt));
  }
  const std::string prefix = prompts[0].text.substr(0, prompts[0].text.rfind('\n', shared));
  CHECK(std::abs(PieceCounter::Count(prefix) - 200) <= 12);  // half a line, and lines that begin alike
  CHECK(std::set<std::string>{prompts[1].text, prompts[2].text, prompts[3].text}.size() == 3);
}

TEST_CASE("Sonnets can be made of a file's lines", "[workload][serving_prompts]") {
  const TemporaryFile file("Alpha beta gamma\r\n\r\nDelta epsilon zeta\n");
  const std::vector<Prompt> prompts =
      Sonnets({.prompts = 2, .input_len = 200, .prefix_len = 60, .path = file.path()});
  CHECK_THAT(prompts[0].text, Contains("Alpha beta gamma\nDelta epsilon zeta\n"));
  CHECK(std::abs(prompts[0].tokens.tokens - 200) <= 1);
  PieceCounter counter;
  const TemporaryFile empty("");
  CHECK_THAT(std::string(MakeSonnetPrompts({.path = empty.path()}, counter, Rng(1)).status().message()),
             Contains("has no lines of verse"));
  CHECK_FALSE(MakeSonnetPrompts({.path = "/no/such/file"}, counter, Rng(1)).ok());
}

TEST_CASE("The built-in verses are many, and no two are the same", "[workload][serving_prompts]") {
  const auto verses = BuiltInVerses();
  CHECK(verses.size() >= 50);
  CHECK(std::set<std::string_view>(verses.begin(), verses.end()).size() == verses.size());
}

std::string Exchange(int64_t prompt_words, int64_t answer_words, const std::string& mark) {
  const auto words = [&](int64_t count) {
    std::string text = mark;  // one token, as the others
    for (int64_t i = 1; i < count; ++i) text += " a";
    return text;
  };
  return "{\"conversations\": [{\"from\": \"human\", \"value\": \"" + words(prompt_words) +
         "\"}, {\"from\": \"gpt\", \"value\": \"" + words(answer_words) +
         "\"}, {\"from\": \"human\", \"value\": \"x\"}]}\n";
}

absl::StatusOr<ExchangePrompts> DrawFrom(const std::string& content, const ExchangePromptConfig& config,
                                         uint64_t seed = 1) {
  const TemporaryFile file(content);
  const auto dataset =
      LoadConversationDataset({.path = file.path(), .format = "sharegpt", .first_exchange_only = true})
          .value();
  PieceCounter counter;
  return DrawExchangePrompts(*dataset, config, counter, Rng(seed));
}

TEST_CASE("Only exchanges of the allowed lengths are drawn, both ends included",
          "[workload][serving_prompts]") {
  const std::string content = Exchange(4, 4, "a") + Exchange(3, 100, "b") + Exchange(100, 3, "c") +
                              Exchange(1024, 1024, "d") + Exchange(1025, 10, "e") +
                              Exchange(1024, 1025, "f") + Exchange(10, 2038, "g") + Exchange(10, 2039, "h");
  const ExchangePrompts drawn = DrawFrom(content, {.prompts = 3}).value();
  std::set<std::string> marks;
  for (const Prompt& prompt : drawn.prompts) marks.insert(prompt.text.substr(0, 1));
  CHECK(marks == std::set<std::string>{"a", "d", "g"});
  for (const Prompt& prompt : drawn.prompts) {
    const int64_t answer = prompt.text[0] == 'a' ? 4 : prompt.text[0] == 'd' ? 1024 : 2038;
    CHECK(prompt.max_output_tokens == answer);
    CHECK(prompt.tokens.tokens == PieceCounter::Count(prompt.text));
  }
}

TEST_CASE("Too few exchanges repeat in their order, and that is told", "[workload][serving_prompts]") {
  const std::string content = Exchange(5, 5, "a") + Exchange(6, 6, "b") + Exchange(1, 1, "c");
  const ExchangePrompts drawn = DrawFrom(content, {.prompts = 5, .output_len = 77}).value();
  CHECK(drawn.different == 2);
  CHECK(drawn.looked_at == 3);
  REQUIRE(drawn.prompts.size() == 5);
  CHECK(drawn.prompts[0].text == drawn.prompts[2].text);
  CHECK(drawn.prompts[1].text == drawn.prompts[3].text);
  CHECK(drawn.prompts[0].text != drawn.prompts[1].text);
  for (const Prompt& prompt : drawn.prompts) CHECK(prompt.max_output_tokens == 77);
  CHECK_THAT(std::string(DrawFrom(Exchange(1, 1, "c"), {}).status().message()),
             Contains("none of 1 conversations has a first exchange of the right length"));
}

TEST_CASE("A draw takes none twice, depends on the seed, and counts little more than it takes",
          "[workload][serving_prompts]") {
  std::string content;
  for (int i = 0; i < 2000; ++i) content += Exchange(5, 5, std::to_string(i));
  const auto texts = [&](uint64_t seed) {
    const ExchangePrompts drawn = DrawFrom(content, {.prompts = 300}, seed).value();
    CHECK(drawn.looked_at == 300);
    std::vector<std::string> drawn_texts;
    for (const Prompt& prompt : drawn.prompts) drawn_texts.push_back(prompt.text);
    return drawn_texts;
  };
  const std::vector<std::string> first = texts(1);
  CHECK(std::set<std::string>(first.begin(), first.end()).size() == 300);
  CHECK(texts(1) == first);
  CHECK(texts(2) != first);
}

TEST_CASE("Settings out of range are refused by name", "[workload][serving_prompts]") {
  const auto message = [](const absl::Status& status) { return std::string(status.message()); };
  CHECK_THAT(message(RandomPromptConfig{.prompts = 0}.Validate()), Contains("the number of prompts is 0"));
  CHECK_THAT(message(RandomPromptConfig{.input_len = 0}.Validate()),
             Contains("input_len is 0: expected 1 to"));
  CHECK_THAT(message(RandomPromptConfig{.output_len = -1}.Validate()), Contains("output_len is -1"));
  CHECK_THAT(message(RandomPromptConfig{.range_ratio = 1}.Validate()), Contains("expected 0 to below 1"));
  CHECK_THAT(message(RandomPromptConfig{.prefix_len = -1}.Validate()),
             Contains("prefix_len is -1: expected 0"));
  CHECK_THAT(message(SonnetPromptConfig{.input_len = 200}.Validate()),
             Contains("expected more than prefix_len"));
  CHECK_THAT(message(ExchangePromptConfig{.output_len = 0}.Validate()), Contains("output_len is 0"));
  PieceCounter counter;
  CHECK_THAT(message(MakeSonnetPrompts({.prefix_len = 3}, counter, Rng(1)).status()),
             Contains("prefix_len is 3: expected"));
}

TEST_CASE("A counter that breaks down ends the making", "[workload][serving_prompts]") {
  PieceCounter counter;
  counter.fails = true;
  CHECK(absl::IsUnavailable(MakeRandomPrompts({}, counter, Rng(1)).status()));
  CHECK(absl::IsUnavailable(MakeSonnetPrompts({}, counter, Rng(1)).status()));
}

}  // namespace
}  // namespace llmdyno
