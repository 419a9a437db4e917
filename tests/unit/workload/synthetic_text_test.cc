#include "llmdyno/workload/synthetic_text.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <vector>

#include "support/catch.h"

namespace llmdyno {
namespace {

std::string Write(SyntheticText& writer, int64_t words) {
  std::string text;
  writer.Write(words, text);
  return text;
}

std::vector<std::string> WordsOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

TEST_CASE("Synthetic text has exactly the words asked for", "[workload][synthetic_text]") {
  SyntheticText writer(Rng(1));
  for (int64_t words = 1; words <= 400; ++words)
    REQUIRE(WordsOf(Write(writer, words)).size() == size_t(words));
  CHECK(WordsOf(Write(writer, 100'000)).size() == 100'000);
}

TEST_CASE("Synthetic text is made of sentences of known words", "[workload][synthetic_text]") {
  const auto vocabulary = SyntheticVocabulary();
  const std::set<std::string_view> known(vocabulary.begin(), vocabulary.end());
  SyntheticText writer(Rng(2));
  for (int64_t length : {1, 2, 3, 4, 5, 15, 16, 17, 18, 60, 250}) {
    const std::string text = Write(writer, length);
    CAPTURE(text);
    CHECK(text.back() == '.');
    CHECK(text.find("  ") == std::string::npos);
    bool begins_sentence = true;
    for (std::string word : WordsOf(text)) {
      const bool ends_sentence = word.back() == '.';
      if (ends_sentence || word.back() == ',') word.pop_back();
      REQUIRE((std::isupper(static_cast<unsigned char>(word[0])) != 0) == begins_sentence);
      word[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])));
      REQUIRE(known.contains(word));
      begins_sentence = ends_sentence;
    }
  }
}

TEST_CASE("The vocabulary has more than 300 words, each once", "[workload][synthetic_text]") {
  const auto vocabulary = SyntheticVocabulary();
  CHECK(vocabulary.size() >= 300);
  CHECK(std::set<std::string_view>(vocabulary.begin(), vocabulary.end()).size() == vocabulary.size());
}

TEST_CASE("The same seed writes the same texts, another seed others", "[workload][synthetic_text]") {
  SyntheticText a(Rng(3));
  SyntheticText b(Rng(3));
  SyntheticText c(Rng(4));
  for (int i = 0; i < 20; ++i) {
    const std::string text = Write(a, 40);
    CHECK(text == Write(b, 40));
    CHECK(text != Write(c, 40));
  }
}

TEST_CASE("No two texts are the same", "[workload][synthetic_text]") {
  const auto [words, texts] = GENERATE(std::pair{2, 10'000}, std::pair{3, 100'000}, std::pair{5, 200'000},
                                       std::pair{6, 200'000}, std::pair{20, 100'000});
  CAPTURE(words);
  SyntheticText writer(Rng(5));
  std::set<std::string> seen;
  for (int i = 0; i < texts; ++i) seen.insert(Write(writer, words));
  CHECK(seen.size() == size_t(texts));
}

TEST_CASE("Texts do not begin alike, so a prefix cache finds nothing in them", "[workload][synthetic_text]") {
  SyntheticText writer(Rng(6));
  std::set<std::string> beginnings;
  constexpr int kTexts = 50'000;
  for (int i = 0; i < kTexts; ++i) {
    const auto words = WordsOf(Write(writer, 60));
    std::string beginning;
    for (int word = 0; word < 8; ++word) beginning += words[size_t(word)] + " ";
    beginnings.insert(beginning);
  }
  CHECK(beginnings.size() == kTexts);
}

TEST_CASE("The default tokens per word are what the estimating counter measures",
          "[workload][synthetic_text]") {
  const auto measured = MeasureTokensPerWord(*MakeEstimatingTokenCounter()).value();
  CHECK(measured.value == Approx(TokensPerWord{}.value).epsilon(0.03));
  CHECK(measured.source == TokenCountSource::kEstimated);
}

// Counts one token per word, as the simulated endpoint does.
class WordCounter final : public TokenCounter {
 public:
  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    std::vector<TokenCount> counts;
    for (const std::string_view text : texts) {
      counts.push_back(
          {static_cast<int64_t>(WordsOf(std::string(text)).size()), TokenCountSource::kTokenizer});
    }
    return counts;
  }
};

class UselessCounter final : public TokenCounter {
 public:
  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    return std::vector<TokenCount>(texts.size());
  }
};

TEST_CASE("Tokens per word are measured with the endpoint's own counter", "[workload][synthetic_text]") {
  WordCounter counter;
  const auto measured = MeasureTokensPerWord(counter).value();
  CHECK(measured.value == 1.0);
  CHECK(measured.source == TokenCountSource::kTokenizer);
  UselessCounter useless;
  CHECK(MeasureTokensPerWord(useless).status().message() ==
        "the token counter found no tokens in 8 texts of 250 words");
}

}  // namespace
}  // namespace llmdyno
