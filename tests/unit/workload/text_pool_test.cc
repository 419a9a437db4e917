#include "llmdyno/workload/text_pool.h"

#include <set>

#include "fake_tokenizers.h"
#include "support/catch.h"

namespace llmdyno {
namespace {

TEST_CASE("A pool keeps each row with what it counts", "[workload][text_pool]") {
  WordTokenizer counter;
  const std::vector<std::string> rows = {"  one two three\n", "", "four", " \t\n"};
  const auto pool = *MakeTextPool(rows, counter);
  REQUIRE(pool->size() == 2);
  CHECK(pool->Row(0) == " one two three");
  CHECK(pool->row_tokens(0) == 3);
  CHECK(pool->Row(1) == " four");
  CHECK(pool->tokens() == 4);
  CHECK(pool->source() == TokenCountSource::kTokenizer);
  CHECK(Describe(*pool) == "2 rows, 4 tokens (tokenizer)");
}

TEST_CASE("The start of a row ends behind a word", "[workload][text_pool]") {
  WordTokenizer counter;
  const std::vector<std::string> rows = {"one two three four five six"};
  const auto pool = *MakeTextPool(rows, counter);
  CHECK(pool->RowStart(0, 6) == " one two three four five six");
  CHECK(pool->RowStart(0, 3) == " one two three");
  CHECK(pool->RowStart(0, 0).empty());
}

TEST_CASE("A row without spaces is cut between characters", "[workload][text_pool]") {
  ByteTokenizer counter;
  std::string row;
  for (int i = 0; i < 500; ++i) row += "\xe6\xbc\xa2";  // a character of three bytes
  const std::vector<std::string> rows = {row};
  const auto pool = *MakeTextPool(rows, counter);
  for (int64_t tokens = 60; tokens < 1500; tokens += 7) {
    const std::string_view start = pool->RowStart(0, tokens);
    REQUIRE(start.size() % 3 == 1);  // the space in front
    REQUIRE(std::ssize(start) > tokens - 4);
  }
}

TEST_CASE("Of a large dataset rows are taken evenly, and only those are counted", "[workload][text_pool]") {
  WordTokenizer counter;
  std::vector<std::string> rows;
  for (int i = 0; i < 100'000; ++i) rows.push_back("row " + std::to_string(i));
  const auto pool = *MakeTextPool(rows, counter);
  CHECK(pool->size() == 2000);
  CHECK(counter.counted == 2000);
  CHECK(pool->Row(0) == " row 0");
  CHECK(pool->Row(1) == " row 50");
  CHECK(pool->Row(1999) == " row 99950");
  CHECK(Describe(*pool) == "2,000 of 100,000 rows, 4,000 tokens (tokenizer)");
}

TEST_CASE("Long rows are cut, and no more of them taken than there is room for", "[workload][text_pool]") {
  WordTokenizer counter;
  std::string row;
  while (row.size() < 10'000) row += "word ";
  const std::vector<std::string> rows(100, row);
  const TextPoolLimits limits{.most_rows = 2000, .most_bytes = 20'000, .most_row_bytes = 1000};
  const auto pool = *MakeTextPool(rows, counter, limits);
  CHECK(pool->size() == 20);
  CHECK(pool->row_tokens(0) == 200);
  CHECK(pool->Row(0).ends_with(" word"));
}

TEST_CASE("The prompts of a dataset make a pool, rows with a picture only do not", "[workload][text_pool]") {
  WordTokenizer counter;
  DatasetRows dataset;
  dataset.rows = {{"a question"}, {""}, {"another one"}};
  CHECK((*MakeTextPool(dataset, counter))->tokens() == 4);
  dataset.rows = {{""}, {" "}};
  CHECK(MakeTextPool(dataset, counter).status().message() ==
        "there is no text to make prompts of: 2 rows were given, all of them empty");
}

TEST_CASE("Synthetic prose depends on its seed alone", "[workload][text_pool]") {
  WordTokenizer counter;
  const auto pool = *MakeSyntheticTextPool(counter, Rng(1));
  CHECK(pool->size() == 400);
  CHECK(pool->Row(7) == (*MakeSyntheticTextPool(counter, Rng(1)))->Row(7));
  CHECK(pool->Row(7) != (*MakeSyntheticTextPool(counter, Rng(2)))->Row(7));
}

TEST_CASE("A pool cannot be made when the counter breaks down", "[workload][text_pool]") {
  WordTokenizer counter;
  counter.fails = true;
  const std::vector<std::string> rows = {"text"};
  CHECK(absl::IsUnavailable(MakeTextPool(rows, counter).status()));
}

}  // namespace
}  // namespace llmdyno
