#include "llmdyno/workload/embedding_preparer.h"

#include <algorithm>
#include <set>
#include <string>

#include "support/catch.h"

namespace llmdyno {
namespace {

using Catch::Matchers::Contains;

int64_t Words(const std::string& text) { return std::count(text.begin(), text.end(), ' ') + 1; }

std::vector<Request> Prepare(const std::string& length, int64_t count, uint64_t seed, int64_t texts = 1) {
  EmbeddingPreparerConfig config;
  config.length = TextLength::Parse(length).value();
  config.texts_per_request = texts;
  return MakeEmbeddingPreparer(config).value()->Prepare(count, Rng(seed)).value();
}

std::vector<std::string> Texts(const std::vector<Request>& requests) {
  std::vector<std::string> texts;
  for (const Request& request : requests) {
    for (const std::string& text : std::get<EmbeddingBody>(request.body).texts) texts.push_back(text);
  }
  return texts;
}

// The fewest and the most words of a thousand texts.
std::pair<int64_t, int64_t> RangeOf(const std::string& length) {
  std::pair<int64_t, int64_t> range = {INT64_MAX, 0};
  for (const std::string& text : Texts(Prepare(length, 1000, 1))) {
    range.first = std::min(range.first, Words(text));
    range.second = std::max(range.second, Words(text));
  }
  return range;
}

TEST_CASE("A number is that many words, to the word", "[workload][embedding]") {
  for (const int64_t words : {1, 2, 10, 20, 21, 25, 50, 51, 200, 3000}) {
    CAPTURE(words);
    for (const std::string& text : Texts(Prepare(std::to_string(words), 20, 3))) CHECK(Words(text) == words);
  }
}

TEST_CASE("Categories keep to their ranges and use them", "[workload][embedding]") {
  CHECK(RangeOf("short") == std::pair<int64_t, int64_t>(5, 15));
  CHECK(RangeOf("medium") == std::pair<int64_t, int64_t>(18, 46));
  const auto [least, most] = RangeOf("long");
  CHECK(least >= 72);
  CHECK(least < 120);
  CHECK(most > 250);
  CHECK(most <= 368);
  const auto [shortest, longest] = RangeOf("mixed");
  CHECK(shortest == 5);
  CHECK(longest > 250);
}

TEST_CASE("The same seed writes the same texts, another one others, and no two are alike",
          "[workload][embedding]") {
  const std::vector<std::string> first = Texts(Prepare("medium", 500, 5, 3));
  CHECK(first.size() == 1500);
  CHECK(first == Texts(Prepare("medium", 500, 5, 3)));
  CHECK(first != Texts(Prepare("medium", 500, 6, 3)));
  CHECK(std::set<std::string>(first.begin(), first.end()).size() == first.size());
}

TEST_CASE("A length is read and written in one spelling", "[workload][embedding]") {
  for (const std::string text : {"short", "medium", "long", "mixed", "1", "200", "E(128)"}) {
    CHECK(ToString(TextLength::Parse(text).value()) == text);
  }
}

TEST_CASE("A length that is none is refused with what is accepted", "[workload][embedding]") {
  for (const std::string text :
       {"", "huge", "0", "-3", "1.5", "E(0)", "E()", "D(1,2)", "Short", "9999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(TextLength::Parse(text).ok());
  }
  CHECK_THAT(std::string(TextLength::Parse("shrot").status().message()), Contains("did you mean 'short'?"));
  CHECK_THAT(std::string(TextLength::Parse("huge").status().message()), Contains("medium"));
}

TEST_CASE("Exact tokens are left to the scenario", "[workload][embedding]") {
  EmbeddingPreparerConfig config;
  config.length = TextLength::Parse("E(16)").value();
  CHECK_THAT(std::string(MakeEmbeddingPreparer(config).status().message()), Contains("scenario E(16)"));
}

}  // namespace
}  // namespace llmdyno
