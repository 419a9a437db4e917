#include "dialect/json_text.h"

#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("A JSON string is read up to its closing quote", "[json_text]") {
  CHECK(UnescapeLeniently(R"("plain" , more)") == "plain");
  CHECK(UnescapeLeniently(R"("")") == "");
  CHECK(UnescapeLeniently(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(UnescapeLeniently(R"("\u0041\u00e9\u20ac\ud83d\ude00\u0000")") ==
        std::string("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\0", 11));
}

TEST_CASE("Half a surrogate pair becomes the replacement character", "[json_text]") {
  const std::string kReplacement = "\xEF\xBF\xBD";
  CHECK(UnescapeLeniently(R"("\ud83d")") == kReplacement);
  CHECK(UnescapeLeniently(R"("\ude00")") == kReplacement);
  CHECK(UnescapeLeniently(R"("\ud83dx")") == kReplacement + "x");
  CHECK(UnescapeLeniently(R"("\ud83d\n")") == kReplacement + "\n");
  CHECK(UnescapeLeniently(R"("\ud83d\u0041")") == kReplacement + "A");
  CHECK(UnescapeLeniently(R"("\ude00\ud83d")") == kReplacement + kReplacement);
}

TEST_CASE("What is no JSON string is nothing", "[json_text]") {
  for (const char* bad : {"", "\"", "\"open", R"("\x41")", R"("\u12")", R"("\u12g4")", R"("\u+123")", R"("\)",
                          R"("\u)", R"("\ud83d\u12")"}) {
    INFO(bad);
    CHECK_FALSE(UnescapeLeniently(bad));
  }
}
