#include "report/csv_text.h"

#include <sstream>

#include "support/catch.h"

using namespace llmdyno;

namespace {

std::string Field(std::string_view text) {
  std::string row;
  AppendCsvField(text, row);
  return row;
}

std::vector<std::vector<std::string>> Parse(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> fields;
  while (reader.Next(fields)) rows.push_back(fields);
  return rows;
}

}  // namespace

TEST_CASE("Fields are quoted when they must be", "[report][csv]") {
  CHECK(Field("plain text") == "plain text");
  CHECK(Field("a,b") == "\"a,b\"");
  CHECK(Field("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(Field("two\nlines") == "\"two\nlines\"");
  CHECK(Field("") == "");
}

TEST_CASE("Whatever is written is read back", "[report][csv]") {
  const std::vector<std::string> fields = {"", "a,b", "\"", "\"\"", "x\r\ny\n", "ünïcödé", ","};
  std::string row;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) row += ',';
    AppendCsvField(field, row);
  }
  CHECK(Parse(row + "\n" + row + "\r\n" + row) == std::vector<std::vector<std::string>>(3, fields));
}

TEST_CASE("Both line ends, blank lines and a missing last line end are read", "[report][csv]") {
  CHECK(Parse("a,b\r\n\r\n\nc,d") == std::vector<std::vector<std::string>>{{"a", "b"}, {"c", "d"}});
  CHECK(Parse("a,\n") == std::vector<std::vector<std::string>>{{"a", ""}});
  CHECK(Parse("\"\"\n") == std::vector<std::vector<std::string>>{{""}});
  CHECK(Parse("").empty());
}

TEST_CASE("A quote that is never closed is noticed", "[report][csv]") {
  std::istringstream in("a,b\n\"c,d\n");
  CsvReader reader(in);
  std::vector<std::string> fields;
  CHECK(reader.Next(fields));
  CHECK_FALSE(reader.Next(fields));
  CHECK(reader.is_broken());
}

TEST_CASE("The reader knows on which line a record began", "[report][csv]") {
  std::istringstream in("h\n\"a\nb\"\n\nc\n");
  CsvReader reader(in);
  std::vector<std::string> fields;
  std::vector<int64_t> lines;
  while (reader.Next(fields)) lines.push_back(reader.line());
  CHECK(lines == std::vector<int64_t>{1, 2, 5});
}

TEST_CASE("Texts are cut after 200 characters, between code points", "[report][csv]") {
  CHECK(CutText(std::string(200, 'x'), 200) == std::string(200, 'x'));
  CHECK(CutText(std::string(201, 'x'), 200) == std::string(200, 'x') + "...");
  CHECK(CutText("äöü€😀", 4) == "äöü€...");
  CHECK(CutText("äöü€😀", 5) == "äöü€😀");
}

TEST_CASE("What is not UTF-8 becomes the replacement character", "[report][csv]") {
  using namespace std::string_literals;
  CHECK(CutText("a\xff"
                "b",
                9) ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(CutText("a\0b"s, 9) ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(CutText("\xe2\x82", 9) == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // cut in mid-character
  CHECK(CutText("\xc0\x80", 9) == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  CHECK(CutText("\xed\xa0\x80", 9) == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
}
