#include "workload/fit_text.h"

#include <cstdlib>

#include "llmdyno/base/random.h"
#include "llmdyno/workload/synthetic_text.h"
#include "piece_counter.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

std::vector<Prompt> Texts(int count, int64_t words) {
  SyntheticText writer(Rng(1));
  std::vector<Prompt> prompts(static_cast<size_t>(count));
  for (Prompt& prompt : prompts) writer.Write(words, prompt.text);
  return prompts;
}

TEST_CASE("Texts are cut at a word's end, to within a token of the length", "[workload][fit_text]") {
  PieceCounter counter;
  std::vector<Prompt> prompts = Texts(200, 1500);
  const std::vector<Prompt> whole = prompts;
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < 200; ++i) lengths.push_back(1 + i * 7);
  REQUIRE(FitToTokens(counter, prompts, lengths).ok());
  for (size_t i = 0; i < prompts.size(); ++i) {
    CAPTURE(lengths[i], prompts[i].text.size());
    CHECK(std::abs(prompts[i].tokens.tokens - lengths[i]) <= 1);
    CHECK(prompts[i].tokens.tokens == PieceCounter::Count(prompts[i].text));
    CHECK(prompts[i].tokens.source == TokenCountSource::kTokenizer);
    CHECK(whole[i].text.starts_with(prompts[i].text));
    CHECK(whole[i].text[prompts[i].text.size()] == ' ');
  }
  CHECK(counter.counted < 200 * 5);  // each is a request to the endpoint
}

TEST_CASE("The rule of thumb fits, too, and says that it is one", "[workload][fit_text]") {
  const auto counter = MakeEstimatingTokenCounter();
  std::vector<Prompt> prompts = Texts(3, 500);
  const std::vector<int64_t> lengths = {10, 100, 400};
  REQUIRE(FitToTokens(*counter, prompts, lengths).ok());
  for (size_t i = 0; i < 3; ++i) {
    CHECK(std::abs(EstimateTokens(prompts[i].text) - lengths[i]) <= 1);
    CHECK(prompts[i].tokens.source == TokenCountSource::kEstimated);
  }
}

TEST_CASE("A text that is too short stays whole and says how long it is", "[workload][fit_text]") {
  PieceCounter counter;
  std::vector<Prompt> prompts = {{"a b c"}, {"antidisestablishmentarianism"}, {""}};
  const std::vector<int64_t> lengths = {50, 2, 5};
  REQUIRE(FitToTokens(counter, prompts, lengths).ok());
  CHECK(prompts[0].text == "a b c");
  CHECK(prompts[0].tokens.tokens == 3);
  CHECK(prompts[1].text == "antidisestablishmentarianism");  // one word cannot be cut
  CHECK(prompts[1].tokens.tokens == 7);
  CHECK(prompts[2].text.empty());
}

TEST_CASE("A counter that breaks down is passed on", "[workload][fit_text]") {
  PieceCounter counter;
  counter.fails = true;
  std::vector<Prompt> prompts = Texts(1, 10);
  const std::vector<int64_t> lengths = {5};
  CHECK(absl::IsUnavailable(FitToTokens(counter, prompts, lengths)));
}

}  // namespace
}  // namespace llmdyno
