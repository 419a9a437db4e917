#include "llmdyno/workload/prompt_composer.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

#include "fake_tokenizers.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

const std::vector<std::string> kShortLines = {"Why is the sky blue?", "Antidisestablishmentarianism, please!",
                                              "Yes.", "Count to ten.\nThen stop."};

std::vector<Prompt> Compose(PromptComposer& composer, const std::vector<int64_t>& lengths, uint64_t seed) {
  PromptSeries series{Rng(seed)};
  auto prompts = composer.Compose(lengths, series);
  REQUIRE(prompts.ok());
  REQUIRE(prompts->size() == lengths.size());
  return *std::move(prompts);
}

std::unique_ptr<PromptComposer> Composer(FakeTokenizer& counter, const SharedPrefix& prefix = {}) {
  auto composer = MakePromptComposer(*MakeSyntheticTextPool(counter, Rng(1)), prefix, counter);
  REQUIRE(composer.ok());
  return *std::move(composer);
}

// The first so many tokens as one text.
std::string Start(const FakeTokenizer& tokenizer, const std::string& text, int64_t tokens) {
  std::string start;
  tokenizer.Split(text, [&](std::string_view token) {
    if (tokens-- > 0) (start += token) += '|';
  });
  return start;
}

std::vector<std::unique_ptr<FakeTokenizer>> Tokenizers() {
  std::vector<std::unique_ptr<FakeTokenizer>> all;
  all.push_back(std::make_unique<WordTokenizer>());
  all.push_back(std::make_unique<PairTokenizer>());
  return all;
}

TEST_CASE("Prompts have their length to the token, from synthetic prose and from a few short lines",
          "[workload][prompt_composer]") {
  for (const auto& counter : Tokenizers()) {
    for (const bool is_synthetic : {true, false}) {
      const auto pool =
          is_synthetic ? *MakeSyntheticTextPool(*counter, Rng(1)) : *MakeTextPool(kShortLines, *counter);
      const auto composer = *MakePromptComposer(pool, {}, *counter);
      for (const int64_t length : {1, 2, 3, 7, 20, 100, 1000, 30'000}) {
        for (const Prompt& prompt : Compose(*composer, std::vector<int64_t>(20, length), 3)) {
          CAPTURE(length, is_synthetic, prompt.text.substr(0, 200));
          REQUIRE(counter->Count(prompt.text) == length);
          REQUIRE(prompt.tokens == TokenCount{length, TokenCountSource::kTokenizer});
          REQUIRE(prompt.text.front() != ' ');
          REQUIRE(prompt.text.back() != ' ');
        }
      }
    }
  }
}

TEST_CASE("A length costs two counts and seldom a third", "[workload][prompt_composer]") {
  PairTokenizer counter;
  const auto composer = Composer(counter);
  counter.counted = counter.calls = 0;
  Compose(*composer, std::vector<int64_t>(1000, 1000), 5);
  CHECK(counter.counted < 2300);
  CHECK(counter.calls < 8);
}

TEST_CASE("Where no word is one token, lengths are met by other cuts", "[workload][prompt_composer]") {
  ByteTokenizer counter;
  const auto composer = Composer(counter);
  for (const int64_t length : {50, 51, 52, 53, 1000, 1001}) {
    for (const Prompt& prompt : Compose(*composer, std::vector<int64_t>(20, length), 3)) {
      CAPTURE(length, prompt.text);
      CHECK(prompt.tokens.tokens == length);
      CHECK(counter.Count(prompt.text) == prompt.tokens.tokens);
    }
  }
}

TEST_CASE("Text whose tokens lie unevenly is brought to its length, too", "[workload][prompt_composer]") {
  const std::vector<std::string> lines = {"https://example.com/" + std::string(300, 'x'),
                                          std::string(200, '!'),
                                          "a",
                                          "1 2 3 4 5 6 7 8 9",
                                          "\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c",
                                          "one\n\n\n\n\n\n\n\ntwo"};
  PairTokenizer counter;
  const auto composer = *MakePromptComposer(*MakeTextPool(lines, counter), {}, counter);
  for (const int64_t length : {1, 2, 3, 7, 15, 32, 100, 333, 1000}) {
    for (const Prompt& prompt : Compose(*composer, std::vector<int64_t>(100, length), 3)) {
      CAPTURE(length, prompt.text);
      REQUIRE(counter.Count(prompt.text) == length);
    }
  }
}

TEST_CASE("By the rule of thumb a prompt comes as near as the rule allows, and says so",
          "[workload][prompt_composer]") {
  const auto counter = MakeEstimatingTokenCounter();
  const auto composer = *MakePromptComposer(*MakeSyntheticTextPool(*counter, Rng(1)), {}, *counter);
  for (const int64_t length : {1, 2, 3, 7, 100, 1000, 30'000}) {
    for (const Prompt& prompt : Compose(*composer, std::vector<int64_t>(50, length), 3)) {
      CAPTURE(length, prompt.text.substr(0, 200));
      CHECK(std::abs(prompt.tokens.tokens - length) <= (length < 50 ? 1 : 0));
      CHECK(prompt.tokens == TokenCount{EstimateTokens(prompt.text), TokenCountSource::kEstimated});
    }
  }
}

// Adds two tokens to every text, as one does that cannot be told to leave out special tokens.
class FramingTokenizer final : public FakeTokenizer {
 public:
  void Split(std::string_view text, const Take& take) const override {
    take("<s>");
    words_.Split(text, take);
    take("</s>");
  }

 private:
  WordTokenizer words_;
};

TEST_CASE("A length that no text has is missed openly", "[workload][prompt_composer]") {
  FramingTokenizer counter;
  const auto composer = Composer(counter);
  const auto prompts = Compose(*composer, {1, 2, 3, 100}, 3);
  CHECK(prompts[0].tokens.tokens == 3);
  CHECK(prompts[1].tokens.tokens == 3);
  CHECK(prompts[2].tokens.tokens == 3);
  CHECK(prompts[3].tokens.tokens == 100);
  for (const Prompt& prompt : prompts) CHECK_FALSE(prompt.text.empty());
}

TEST_CASE("No two prompts of many series begin alike", "[workload][prompt_composer]") {
  PairTokenizer counter;
  const auto composer = Composer(counter);
  std::set<std::string> beginnings;
  constexpr size_t kPrompts = 5000;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    for (const Prompt& prompt : Compose(*composer, std::vector<int64_t>(kPrompts, 24), seed))
      beginnings.insert(Start(counter, prompt.text, 8));
  }
  CHECK(beginnings.size() == 8 * kPrompts);
}

TEST_CASE("Very short prompts differ as far as there is room", "[workload][prompt_composer]") {
  WordTokenizer counter;
  const auto composer = Composer(counter);
  const auto differing = [&](int64_t length, size_t prompts) {
    std::set<std::string> texts;
    for (const Prompt& prompt : Compose(*composer, std::vector<int64_t>(prompts, length), 1))
      texts.insert(prompt.text);
    return texts.size();
  };
  CHECK(differing(1, 376) == 376);
  CHECK(differing(2, 20'000) == 20'000);
  CHECK(differing(3, 20'000) == 20'000);
}

TEST_CASE("The same series gives the same prompts, whatever was composed before",
          "[workload][prompt_composer]") {
  PairTokenizer counter;
  const std::vector<int64_t> lengths = {10, 500, 33};
  for (const SharedPrefix& prefix :
       {SharedPrefix{}, SharedPrefix{.tokens = 20}, SharedPrefix{.ratio = 0.5}}) {
    const auto composer = Composer(counter, prefix);
    const auto first = Compose(*composer, lengths, 9);
    Compose(*composer, {5000, 1}, 10);
    const auto again = Compose(*composer, lengths, 9);
    const auto elsewhere = Compose(*Composer(counter, prefix), lengths, 9);
    for (size_t i = 0; i < lengths.size(); ++i) {
      CHECK(first[i].text == again[i].text);
      CHECK(first[i].text == elsewhere[i].text);
    }
    CHECK(first[1].text != Compose(*composer, lengths, 11)[1].text);
  }
}

TEST_CASE("A shared prefix of N tokens is the same in all prompts, and the next tokens are not",
          "[workload][prompt_composer]") {
  for (const auto& counter : Tokenizers()) {
    const auto composer = Composer(*counter, {.tokens = 200});
    auto prompts = Compose(*composer, std::vector<int64_t>(300, 300), 1);
    for (Prompt& prompt : Compose(*composer, {260, 1000}, 2)) prompts.push_back(std::move(prompt));
    std::set<std::string> prefixes;
    std::set<std::string> behind;
    for (const Prompt& prompt : prompts) {
      prefixes.insert(Start(*counter, prompt.text, 200));
      behind.insert(Start(*counter, prompt.text, 210));
    }
    CHECK(prefixes.size() == 1);
    CHECK(behind.size() == prompts.size());
    CHECK(prompts[0].tokens.tokens == 300);
    CHECK(prompts.back().tokens.tokens == 1000);
  }
}

TEST_CASE("A prompt within the shared prefix is the beginning of it", "[workload][prompt_composer]") {
  PairTokenizer counter;
  const auto composer = Composer(counter, {.tokens = 200});
  const std::string prefix = Compose(*composer, {200}, 1)[0].text;
  CHECK(counter.Count(prefix) == 200);
  const auto prompts = Compose(*composer, {50, 50, 199, 1}, 2);
  CHECK(prompts[0].text == prompts[1].text);
  CHECK(Start(counter, prompts[0].text, 40) == Start(counter, prefix, 40));
  for (const Prompt& prompt : prompts) CHECK(prompt.tokens.tokens == counter.Count(prompt.text));
  CHECK(prompts[2].tokens.tokens == 199);
  CHECK(prompts[3].tokens.tokens == 1);
}

TEST_CASE("Another seed of the prefix shares nothing with the first", "[workload][prompt_composer]") {
  WordTokenizer counter;
  const auto one = Compose(*Composer(counter, {.tokens = 50, .seed = 1}), {60}, 1);
  const auto other = Compose(*Composer(counter, {.tokens = 50, .seed = 2}), {60}, 1);
  CHECK(Start(counter, one[0].text, 2) != Start(counter, other[0].text, 2));
}

TEST_CASE("A prefix ratio is the share of its tokens that each prompt has in common with longer ones",
          "[workload][prompt_composer]") {
  PairTokenizer counter;
  const auto composer = Composer(counter, {.ratio = 0.6});
  const auto prompts = Compose(*composer, {1000, 1000, 3000}, 1);
  const auto in_common = [&](size_t a, size_t b) {
    int64_t tokens = 0;
    while (Start(counter, prompts[a].text, tokens + 1) == Start(counter, prompts[b].text, tokens + 1))
      ++tokens;
    return tokens;
  };
  CHECK(static_cast<double>(in_common(0, 1)) == Approx(600).margin(12));
  CHECK(static_cast<double>(in_common(0, 2)) == Approx(600).margin(12));
  CHECK(prompts[0].tokens.tokens == 1000);
  CHECK(prompts[2].tokens.tokens == 3000);
}

TEST_CASE("Impossible prefixes and lengths are refused in a sentence", "[workload][prompt_composer]") {
  WordTokenizer counter;
  const auto error = [&](const SharedPrefix& prefix) { return std::string(prefix.Validate().message()); };
  CHECK(error({.tokens = -1}) == "a shared prefix of -1 tokens: expected 0 (none) to 10000000");
  CHECK(error({.ratio = 1.5}) ==
        "a prefix ratio of 1.500000: expected 0 (nothing is shared) to 1 (everything)");
  CHECK(error({.tokens = 5, .ratio = 0.5}) ==
        "a shared prefix in tokens and a prefix ratio were given: expected one of the two");
  const auto composer = Composer(counter);
  PromptSeries series{Rng(1)};
  const std::vector<int64_t> lengths = {0};
  CHECK(composer->Compose(lengths, series).status().message() ==
        "a prompt of 0 tokens: expected 1 to 10000000");
}

TEST_CASE("A counter that breaks down while prompts are composed is passed on",
          "[workload][prompt_composer]") {
  WordTokenizer counter;
  const auto composer = Composer(counter);
  counter.fails = true;
  PromptSeries series{Rng(1)};
  const std::vector<int64_t> lengths = {10};
  CHECK(absl::IsUnavailable(composer->Compose(lengths, series).status()));
}

}  // namespace
}  // namespace llmdyno
