#include "llmdyno/workload/prompt_template.h"

#include "support/catch.h"

using namespace llmdyno;

namespace {

std::optional<std::string> Cell(std::string_view column) {
  if (column == "context") return "It rains.";
  if (column == "a question") return "Is it wet?";
  return std::nullopt;
}

std::string ProblemOf(std::string_view text) {
  return std::string(PromptTemplate::Parse(text).status().message());
}

}  // namespace

TEST_CASE("Placeholders are filled from the row, as often as they stand there", "[prompt_template]") {
  const auto parsed = PromptTemplate::Parse("{context}\n\nQ: {a question} ({context})");
  REQUIRE(parsed.ok());
  CHECK(parsed->columns() == std::vector<std::string>{"context", "a question"});
  CHECK(*parsed->Fill(Cell) == "It rains.\n\nQ: Is it wet? (It rains.)");
}

TEST_CASE("Doubled braces are braces", "[prompt_template]") {
  CHECK(*PromptTemplate::Parse(R"({{"text": "{context}"}})")->Fill(Cell) == R"({"text": "It rains."})");
  CHECK(*PromptTemplate::Parse("{{{context}}}")->Fill(Cell) == "{It rains.}");
}

TEST_CASE("A row without a column of the template says which", "[prompt_template]") {
  const auto filled = PromptTemplate::Parse("{context} {answer}")->Fill(Cell);
  CHECK(absl::IsNotFound(filled.status()));
  CHECK(filled.status().message() == "no column 'answer'");
}

TEST_CASE("A template that cannot be points at the character", "[prompt_template]") {
  CHECK(ProblemOf("a {context") == "character 3: this '{' is not closed; write '{{' for the brace itself");
  CHECK(ProblemOf("{a{b}}") == "character 1: this '{' is not closed; write '{{' for the brace itself");
  CHECK(ProblemOf("a} {b}") == "character 2: a '}' without a '{' before it; write '}}' for the brace itself");
  CHECK(ProblemOf("{}") == "character 1: expected the name of a column between '{' and '}'");
  CHECK(ProblemOf("no gap {{at all}}") == "expected the name of a column in braces, as in '{question}'");
  CHECK_FALSE(PromptTemplate::Parse("").ok());
}
