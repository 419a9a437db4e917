#include "llmdyno/workload/token_counter.h"

#include <algorithm>
#include <cmath>

#include "llmdyno/base/random.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("An estimate is the larger of words times 1.3 and characters over 4", "[workload][token_counter]") {
  CHECK(EstimateTokens("") == 0);
  CHECK(EstimateTokens("a") == 1);             // max(1.3, 0.25)
  CHECK(EstimateTokens(" ") == 1);             // at least 1 for anything
  CHECK(EstimateTokens("to be or not") == 5);  // max(4 * 1.3 = 5.2, 12 / 4)
  CHECK(EstimateTokens("  to\tbe\n\nor  not ") == 5);
  CHECK(EstimateTokens(std::string(400, 'x')) == 100);  // max(1.3, 400 / 4)
}

TEST_CASE("Characters are counted, not bytes", "[workload][token_counter]") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "ü";  // two bytes each
  CHECK(EstimateTokens(text) == 10);
  CHECK(EstimateTokens("\xff\xfe\x80\x80") >= 1);  // broken UTF-8 gives some count
}

TEST_CASE("The estimating counter says that it estimates", "[workload][token_counter]") {
  const std::vector<std::string_view> texts = {"to be or not", "", "a"};
  const auto counts = MakeEstimatingTokenCounter()->CountAll(texts).value();
  CHECK(counts == std::vector<TokenCount>{{5, TokenCountSource::kEstimated},
                                          {0, TokenCountSource::kEstimated},
                                          {1, TokenCountSource::kEstimated}});
}

TEST_CASE("A calibration learns an endpoint's tokens per byte", "[workload][token_counter]") {
  TokenCalibration calibration;
  CHECK_FALSE(calibration.has_data());
  calibration.Learn(100, 20);
  calibration.Learn(300, 80);
  REQUIRE(calibration.has_data());
  CHECK(calibration.TokensFor(400) == 100);  // 100 tokens in 400 bytes so far
  CHECK(calibration.TokensFor(10) == 3);     // 2.5, rounded
  CHECK(calibration.TokensFor(1) == 1);      // at least 1
  CHECK(calibration.TokensFor(0) == 0);
}

TEST_CASE("A calibration learns nothing from empty or impossible figures", "[workload][token_counter]") {
  TokenCalibration calibration;
  calibration.Learn(0, 10);
  calibration.Learn(10, 0);
  calibration.Learn(-5, 7);
  calibration.Learn(5, -7);
  CHECK_FALSE(calibration.has_data());
}

TEST_CASE("A calibration stays right after more text than an int32 counts", "[workload][token_counter]") {
  TokenCalibration calibration;
  for (int i = 0; i < 1000; ++i) calibration.Learn(int64_t{1} << 40, int64_t{1} << 38);
  CHECK(calibration.TokensFor(int64_t{1} << 40) == int64_t{1} << 38);
}

TEST_CASE("The calibrated counter uses what was learned, and estimates before", "[workload][token_counter]") {
  const std::vector<std::string_view> texts = {"to be or not"};
  TokenCalibration calibration;
  CHECK(MakeCalibratedTokenCounter(calibration)->CountAll(texts).value()[0] ==
        TokenCount{5, TokenCountSource::kEstimated});
  calibration.Learn(12, 4);
  CHECK(MakeCalibratedTokenCounter(calibration)->CountAll(texts).value()[0] ==
        TokenCount{4, TokenCountSource::kCalibrated});
}

// As the rule is said, a character at a time.
int64_t EstimateSlowly(const std::string& text) {
  double characters = 0;
  double words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || (c >= '\t' && c <= '\r');
    characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    words += !is_space && !in_word ? 1 : 0;
    in_word = !is_space;
  }
  return text.empty() ? 0 : std::max<int64_t>(1, std::llround(std::max(words * 1.3, characters / 4)));
}

TEST_CASE("The estimate is the rule's for any bytes and any length", "[workload][token_counter]") {
  Rng rng(1);
  for (size_t size = 0; size < 700; ++size) {
    for (const int64_t highest : {255, 127, 40}) {  // of all bytes, of ASCII, of mostly white space
      std::string text;
      while (text.size() < size) text += static_cast<char>(rng.UniformInt(9, highest));
      REQUIRE(EstimateTokens(text) == EstimateSlowly(text));
    }
  }
  for (const char c : {' ', 'x', '\xbf'}) {
    CHECK(EstimateTokens(std::string(1000, c)) == EstimateSlowly(std::string(1000, c)));
  }
}

TEST_CASE("A counter without a vocabulary has no token ids", "[workload][token_counter]") {
  const std::string_view text = "any";
  CHECK(absl::IsUnimplemented(MakeEstimatingTokenCounter()->TokenIds({&text, 1}).status()));
}

}  // namespace
}  // namespace llmdyno
