#include "llmdyno/workload/question_preparer.h"

#include <algorithm>
#include <set>

#include "support/catch.h"

using namespace llmdyno;

namespace {

std::shared_ptr<const DatasetRows> Rows(int64_t count) {
  auto rows = std::make_shared<DatasetRows>();
  for (int64_t i = 0; i < count; ++i) rows->rows.push_back({"question " + std::to_string(i)});
  return rows;
}

std::vector<std::string> Questions(RequestPreparer& preparer, int64_t count, uint64_t seed) {
  const auto requests = preparer.Prepare(count, Rng(seed));
  REQUIRE(requests.ok());
  std::vector<std::string> questions;
  for (const Request& request : *requests) questions.push_back(PromptText(request));
  return questions;
}

}  // namespace

TEST_CASE("A question stands behind one message of the system", "[question_preparer]") {
  const auto counter = MakeEstimatingTokenCounter();
  const auto preparer = MakeQuestionPreparer(Rows(1), {.max_output_tokens = 100}, counter.get());
  REQUIRE(preparer.ok());
  CHECK_FALSE((*preparer)->size());
  const auto requests = (*preparer)->Prepare(1, Rng(1));
  const auto& messages = std::get<ChatBody>(requests->at(0).body).messages;
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].role == "system");
  CHECK(messages[0].content == kQuestionSystemPrompt);
  CHECK(messages[1].role == "user");
  CHECK(messages[1].content == "question 0");
  CHECK(requests->at(0).max_output_tokens == 100);
  CHECK(requests->at(0).prompt_tokens == EstimateTokens("question 0"));
}

TEST_CASE("Questions come in an order that the seed decides, none twice before all were asked",
          "[question_preparer]") {
  const auto preparer = MakeQuestionPreparer(Rows(20), {}, nullptr);
  const auto some = Questions(**preparer, 10, 1);
  CHECK(std::set<std::string>(some.begin(), some.end()).size() == 10);
  CHECK(Questions(**preparer, 10, 1) == some);
  CHECK(Questions(**preparer, 10, 2) != some);
}

TEST_CASE("More questions than there are repeat the whole order", "[question_preparer]") {
  const auto preparer = MakeQuestionPreparer(Rows(20), {}, nullptr);
  const auto many = Questions(**preparer, 50, 1);
  REQUIRE(many.size() == 50);
  for (size_t i = 20; i < 50; ++i) CHECK(many[i] == many[i - 20]);
  CHECK(std::set<std::string>(many.begin(), many.begin() + 20).size() == 20);
  const auto requests = (*preparer)->Prepare(50, Rng(1));
  for (size_t i = 0; i < 50; ++i) CHECK((*requests)[i].id == static_cast<int64_t>(i));
}

TEST_CASE("A set without questions is refused", "[question_preparer]") {
  CHECK_FALSE(MakeQuestionPreparer(std::make_shared<DatasetRows>(), {}, nullptr).ok());
  CHECK_FALSE(MakeQuestionPreparer(nullptr, {}, nullptr).ok());
  CHECK_FALSE(MakeQuestionPreparer(Rows(1), {.exact_output = true}, nullptr).ok());
}
