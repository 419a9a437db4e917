#include "report/text_format.h"

#include "support/catch.h"

using namespace llmdyno;

TEST_CASE("Numbers have separators of thousands and fixed decimals", "[report][text_format]") {
  CHECK(Fixed(1234567.891, 2) == "1,234,567.89");
  CHECK(Fixed(999.96, 1) == "1,000.0");
  CHECK(Fixed(12, 0) == "12");
  CHECK(Fixed(-1234.5, 1) == "-1,234.5");
  CHECK(Fixed(0, 2) == "0.00");
  CHECK(FixedOrDash(std::nullopt, 2) == "-");
}

TEST_CASE("Columns count characters and not bytes", "[report][text_format]") {
  CHECK(ScreenWidth("naïve") == 5);
  CHECK(PadRight("naïve", 7) == "naïve  ");
  CHECK(PadLeft("naïve", 7) == "  naïve");
  CHECK(PadLeft("too long", 3) == "too long");
}

TEST_CASE("Long texts break at spaces and keep their first indentation", "[report][text_format]") {
  CHECK(Wrap("  one two three", 9, "    ") == "  one two\n    three\n");
  CHECK(Wrap("unbreakable", 4, "") == "unbreakable\n");
  CHECK(Wrap("", 4, "") == "\n");
}

TEST_CASE("A text that is too long ends in dots between characters", "[report][text_format]") {
  CHECK(Shorten("abcdef", 6) == "abcdef");
  CHECK(Shorten("abcdefg", 6) == "abc...");
  CHECK(Shorten("ääääääää", 6) == "äää...");
}

TEST_CASE("A noun takes an s unless there is one of it", "[report][text_format]") {
  CHECK(Count(1, "user") == "1 user");
  CHECK(Count(0, "user") == "0 users");
  CHECK(Count(1200, "token") == "1,200 tokens");
}

TEST_CASE("Texts from outside cannot move the cursor", "[report][text_format]") {
  CHECK(OneLine("a\nb\x1b[2J") == "a b [2J");
}
