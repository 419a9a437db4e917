#include "llmdyno/workload/replay_preparer.h"

#include "support/catch.h"

using namespace llmdyno;

namespace {

std::shared_ptr<const DatasetRows> ThreeRows() {
  auto rows = std::make_shared<DatasetRows>();
  rows->rows = {{"first one"}, {"second"}, {"third", {std::make_shared<std::string>("http://host/a.png")}}};
  return rows;
}

// One token for each letter, and how often it was asked.
class LetterCounter final : public TokenCounter {
 public:
  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    std::vector<TokenCount> counts;
    for (const std::string_view text : texts) {
      counts.push_back({static_cast<int64_t>(text.size()), TokenCountSource::kTokenizer});
    }
    counted += std::ssize(texts);
    return counts;
  }
  int64_t counted = 0;
};

std::vector<Request> Prepare(RequestPreparer& preparer, int64_t count, uint64_t seed = 1) {
  const auto requests = preparer.Prepare(count, Rng(seed));
  REQUIRE(requests.ok());
  return *requests;
}

}  // namespace

TEST_CASE("Rows are replayed in order, as they are, whatever the seed", "[replay_preparer]") {
  LetterCounter counter;
  const auto preparer = MakeReplayPreparer(ThreeRows(), {.max_output_tokens = 7}, &counter);
  REQUIRE(preparer.ok());
  CHECK((*preparer)->size() == 3);
  for (const uint64_t seed : {1, 2}) {
    const std::vector<Request> requests = Prepare(**preparer, 2, seed);
    REQUIRE(requests.size() == 2);
    for (size_t i = 0; i < 2; ++i) {
      CHECK(requests[i].id == static_cast<int64_t>(i));
      CHECK(requests[i].max_output_tokens == 7);
      CHECK_FALSE(requests[i].min_output_tokens);
      CHECK(std::get<ChatBody>(requests[i].body).messages.size() == 1);
    }
    CHECK(PromptText(requests[0]) == "first one");
    CHECK(requests[0].prompt_tokens == 9);
    CHECK(requests[0].prompt_tokens_source == TokenCountSource::kTokenizer);
    CHECK(PromptText(requests[1]) == "second");
  }
  CHECK(counter.counted == 2);  // the third was never asked for, the others not again
}

TEST_CASE("Rows are never sent twice", "[replay_preparer]") {
  const auto preparer = MakeReplayPreparer(ThreeRows(), {}, nullptr);
  const std::vector<Request> requests = Prepare(**preparer, 50);
  REQUIRE(requests.size() == 3);
  CHECK_FALSE(requests[0].prompt_tokens);
  CHECK_FALSE(requests[0].max_output_tokens);
  CHECK(ImageCount(requests[2]) == 1);
}

TEST_CASE("Replayed answers may have an exact length, and prompts may be bare", "[replay_preparer]") {
  auto rows = std::make_shared<DatasetRows>(*ThreeRows());
  rows->rows.pop_back();
  const auto preparer = MakeReplayPreparer(
      rows, {.wording = PromptBody::kCompletion, .max_output_tokens = 9, .exact_output = true}, nullptr);
  REQUIRE(preparer.ok());
  const Request request = Prepare(**preparer, 1).at(0);
  CHECK(std::get<CompletionBody>(request.body).prompt == "first one");
  CHECK(request.min_output_tokens == 9);
}

TEST_CASE("A replay that cannot be says why", "[replay_preparer]") {
  const auto problem = [](std::shared_ptr<const DatasetRows> rows, const ReplayPreparerConfig& config) {
    return std::string(MakeReplayPreparer(std::move(rows), config, nullptr).status().message());
  };
  CHECK(problem(std::make_shared<DatasetRows>(), {}) == "the dataset has no rows: expected at least one");
  CHECK(problem(ThreeRows(), {.max_output_tokens = 0}) ==
        "max_output_tokens is 0: expected 1 or more, or nothing for no such limit");
  CHECK(problem(ThreeRows(), {.exact_output = true}) ==
        "answers of an exact length were asked for without that length");
  CHECK(problem(ThreeRows(), {.wording = PromptBody::kCompletion}) ==
        "the dataset has pictures, for which a bare completion has no place: expected chat messages, or no "
        "image_column");
}
