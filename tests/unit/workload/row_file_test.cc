#include "workload/row_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

struct Rows {
  std::vector<std::string> texts;
  std::vector<int64_t> numbers;
  std::vector<int64_t> offsets;
  absl::Status status;
};

Rows ReadRows(std::string_view content, RowShape shape = RowShape::kJson) {
  std::string path = (std::filesystem::temp_directory_path() / "llmdyno-rows-XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  std::ofstream(path, std::ios::binary) << content;
  Rows rows;
  auto file = RowFile::Open(path, shape);
  rows.status = file.status();
  while (rows.status.ok()) {
    auto row = (*file)->Next();
    rows.status = row.status();
    if (!row.ok() || !*row) break;
    rows.texts.emplace_back(**row);
    rows.numbers.push_back((*file)->row_number());
    rows.offsets.push_back((*file)->row_offset());
  }
  std::filesystem::remove(path);
  return rows;
}

TEST_CASE("Rows of lines are numbered as an editor numbers lines", "[workload][row_file]") {
  const Rows rows = ReadRows("\none\r\n\n  two  \n");
  CHECK(rows.texts == std::vector<std::string>{"one", "two"});
  CHECK(rows.numbers == std::vector<int64_t>{2, 4});
}

TEST_CASE("Rows of an array end where their brackets do, whatever stands in their strings",
          "[workload][row_file]") {
  const Rows rows =
      ReadRows(R"( [ {"a": [1, {"b": 2}]}, "x ] , \" [ \\", 3 , [[],[]],null] trailing ] words)");
  CHECK(rows.texts ==
        std::vector<std::string>{R"({"a": [1, {"b": 2}]})", R"("x ] , \" [ \\")", "3", "[[],[]]", "null"});
  CHECK(rows.numbers == std::vector<int64_t>{1, 2, 3, 4, 5});
}

TEST_CASE("Records of CSV end outside of quotes, and are numbered by their first line",
          "[workload][row_file]") {
  const Rows rows = ReadRows("a,b\r\n\"1\n\n2\",x\n\nlast, \"no quote\"\n", RowShape::kCsv);
  CHECK(rows.texts == std::vector<std::string>{"a,b", "\"1\n\n2\",x", "last, \"no quote\""});
  CHECK(rows.numbers == std::vector<int64_t>{1, 2, 6});
}

TEST_CASE("Every row stands in the file where its offset says", "[workload][row_file]") {
  for (const RowShape shape : {RowShape::kJson, RowShape::kLines, RowShape::kCsv}) {
    std::string content = "\xef\xbb\xbf";
    for (int i = 0; i < 50; ++i) content += "\"" + std::string(size_t{20'011} * (i % 7), 'x') + "\" \r\n\n";
    const Rows rows = ReadRows(content, shape);
    REQUIRE(rows.texts.size() == 50);
    for (size_t i = 0; i < 50; ++i) {
      CHECK(content.compare(static_cast<size_t>(rows.offsets[i]), rows.texts[i].size(), rows.texts[i]) == 0);
    }
  }
  const Rows array = ReadRows(" [ 1 ,\n22, 333 ]");
  CHECK(array.offsets == std::vector<int64_t>{3, 7, 11});
}

TEST_CASE("Random bytes are cut into some rows and never worse", "[workload][row_file]") {
  Rng rng(1);
  constexpr std::string_view kAlphabet =
      "[]{},\"\\\n\r \t\xef\xbb\xbf"
      "a1:";
  for (int i = 0; i < 500; ++i) {
    std::string content(static_cast<size_t>(rng.UniformInt(0, 60)), ' ');
    for (char& c : content) c = kAlphabet[static_cast<size_t>(rng.UniformInt(0, kAlphabet.size() - 1))];
    const Rows rows = ReadRows(content);
    CHECK(rows.status.ok());
    for (const std::string& text : rows.texts) CHECK_FALSE(text.empty());
  }
}

TEST_CASE("A row that would fill the memory ends the reading with a sentence", "[workload][row_file]") {
  Rows rows = ReadRows("short\n" + std::string(80 << 20, 'x'));
  CHECK(rows.texts == std::vector<std::string>{"short"});
  const std::string problem(rows.status.message());
  CHECK(problem.find("has a row of more than 64 MiB behind row 1: expected JSON Lines or a JSON array") !=
        std::string::npos);
  // An array whose first bracket never closes looks like one row, too.
  rows = ReadRows("[[" + std::string(80 << 20, ' '));
  CHECK_FALSE(rows.status.ok());
}

}  // namespace
}  // namespace llmdyno
