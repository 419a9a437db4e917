#include "workload/csv_record.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

using Fields = std::vector<std::string>;

Fields Parse(std::string_view record) {
  Fields fields;
  INFO(record);
  REQUIRE(ParseCsvRecord(record, fields).ok());
  return fields;
}

std::string ProblemOf(std::string_view record) {
  Fields fields;
  return std::string(ParseCsvRecord(record, fields).message());
}

TEST_CASE("Fields end at commas, unless they stand in quotes", "[workload][csv_record]") {
  CHECK(Parse("a,b,c") == Fields{"a", "b", "c"});
  CHECK(Parse("") == Fields{""});
  CHECK(Parse(",") == Fields{"", ""});
  CHECK(Parse("a,,c,") == Fields{"a", "", "c", ""});
  CHECK(Parse("\"a,b\",c") == Fields{"a,b", "c"});
  CHECK(Parse("\"\",\"\"") == Fields{"", ""});
  CHECK(Parse("\"two\r\nlines\",x") == Fields{"two\r\nlines", "x"});
}

TEST_CASE("A doubled quote in a quoted field is one quote", "[workload][csv_record]") {
  CHECK(Parse("\"she said \"\"hi\"\"\",b") == Fields{"she said \"hi\"", "b"});
  CHECK(Parse("\"\"\"\"") == Fields{"\""});
  CHECK(Parse("5\" pipe,b") == Fields{"5\" pipe", "b"});
}

TEST_CASE("Quotes that do not pair are told with their field", "[workload][csv_record]") {
  CHECK(ProblemOf("a,\"b") == "the quotes of field 2 are not closed");
  CHECK(ProblemOf("\"a\"b,c") == "field 1 goes on behind its closing quotes: expected a comma");
}

TEST_CASE("The scanner finds a record's end whatever pieces it is fed", "[workload][csv_record]") {
  const std::string text = "5\" pipe,\"a \"\"b\"\"\n,c\",\"\"\nnext";
  const size_t end = text.find("\nnext");
  for (size_t cut = 0; cut <= end; ++cut) {
    CAPTURE(cut);
    CsvScanner scanner;
    CHECK(scanner.FindEnd(std::string_view(text).substr(0, cut)) == std::string_view::npos);
    CHECK(scanner.FindEnd(std::string_view(text).substr(cut)) == end - cut);
  }
}

}  // namespace
}  // namespace llmdyno
