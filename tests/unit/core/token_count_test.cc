#include "llmdyno/core/token_count.h"

#include <set>

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("Each source of token counts has a name that is read back", "[core][token_count]") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(TokenCountSource::kEstimated); ++i) {
    const auto source = static_cast<TokenCountSource>(i);
    CHECK(ParseTokenCountSource(ToString(source)) == source);
    names.insert(ToString(source));
  }
  CHECK(names == std::set<std::string_view>{"usage", "tokenizer", "calibrated", "events", "estimated"});
  CHECK_FALSE(ParseTokenCountSource("guess"));
}

TEST_CASE("Sources of token counts are declared from most to least trustworthy", "[core][token_count]") {
  CHECK(TokenCountSource::kUsage < TokenCountSource::kTokenizer);
  CHECK(TokenCountSource::kTokenizer < TokenCountSource::kCalibrated);
  CHECK(TokenCountSource::kCalibrated < TokenCountSource::kEstimated);
}

}  // namespace
}  // namespace llmdyno
