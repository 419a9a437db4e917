#include "llmdyno/base/number_text.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("Integers are read with sign and suffix", "[base][number_text]") {
  CHECK(ParseInteger("80") == 80);
  CHECK(ParseInteger("-3") == -3);
  CHECK(ParseInteger("+7") == 7);
  CHECK(ParseInteger("2k") == 2'000);
  CHECK(ParseInteger("1M") == 1'000'000);
  CHECK(ParseInteger("3G") == 3'000'000'000);
  CHECK(ParseInteger("-1k") == -1'000);
  CHECK(ParseInteger("007") == 7);
  CHECK(ParseInteger("9223372036854775807") == INT64_MAX);
  CHECK(ParseInteger("-9223372036854775808") == INT64_MIN);
  CHECK(ParseInteger("9223372036G") == 9'223'372'036'000'000'000);
}

TEST_CASE("What is not an integer is nothing", "[base][number_text]") {
  for (const std::string_view text : {"",
                                      "k",
                                      "M",
                                      "-",
                                      "+",
                                      "+-5",
                                      "-+5",
                                      "--5",
                                      "++5",
                                      "1.5",
                                      "1e6",
                                      "0x10",
                                      " 1",
                                      "1 ",
                                      "1K",
                                      "1kk",
                                      "1m",
                                      "12a",
                                      "1,000",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "9223372037G",
                                      "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseInteger(text));
  }
}

TEST_CASE("Real numbers are read strictly", "[base][number_text]") {
  CHECK(ParseReal("1.5") == 1.5);
  CHECK(ParseReal("-2") == -2.0);
  CHECK(ParseReal("+2.5") == 2.5);
  CHECK(ParseReal(".5") == 0.5);
  CHECK(ParseReal("1e3") == 1000.0);
  for (const std::string_view text : {"", "+", "-", ".", "nan", "inf", "-inf", "infinity", "1e999", "1.2.3",
                                      "1,5", "0x1p3", " 1", "1 ", "+-1"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseReal(text));
  }
}

TEST_CASE("Large numbers are written with thousands separators", "[base][number_text]") {
  CHECK(WithThousands(0) == "0");
  CHECK(WithThousands(999) == "999");
  CHECK(WithThousands(1000) == "1,000");
  CHECK(WithThousands(12345) == "12,345");
  CHECK(WithThousands(123456) == "123,456");
  CHECK(WithThousands(1234567) == "1,234,567");
  CHECK(WithThousands(-999) == "-999");
  CHECK(WithThousands(-1000) == "-1,000");
  CHECK(WithThousands(-123456) == "-123,456");
  CHECK(WithThousands(INT64_MAX) == "9,223,372,036,854,775,807");
  CHECK(WithThousands(INT64_MIN) == "-9,223,372,036,854,775,808");
}

}  // namespace
}  // namespace llmdyno
