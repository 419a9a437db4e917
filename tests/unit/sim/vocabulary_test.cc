#include "sim/vocabulary.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("Words are runs of anything that is not white space", "[sim][vocabulary]") {
  CHECK(CountWords("") == 0);
  CHECK(CountWords("  \n") == 0);
  CHECK(CountWords("one") == 1);
  CHECK(CountWords(" one\ttwo\r\nthree  ") == 3);
  CHECK(CountWords("na\xc3\xafve caf\xc3\xa9") == 2);
}

TEST_CASE("An output has exactly as many words as tokens, however it is cut into chunks",
          "[sim][vocabulary]") {
  for (const int64_t tokens : {1, 2, 63, 64, 65, 1000}) {
    std::string whole;
    AppendOutputText(12345, 0, tokens, whole);
    CHECK(CountWords(whole) == tokens);
    std::string pieces;
    for (int64_t i = 0; i < tokens; i += 3) AppendOutputText(12345, i, std::min(i + 3, tokens), pieces);
    CHECK(pieces == whole);
  }
}

}  // namespace
}  // namespace llmdyno
