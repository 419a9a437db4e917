#include "llmdyno/workload/prompt_filter.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

std::vector<Prompt> PromptsOf(const std::vector<int64_t>& lengths,
                              TokenCountSource source = TokenCountSource::kTokenizer) {
  std::vector<Prompt> prompts;
  for (const int64_t length : lengths)
    prompts.push_back({"prompt of " + std::to_string(length), {length, source}});
  return prompts;
}

TEST_CASE("Prompts within the range are kept in their order, both ends included",
          "[workload][prompt_filter]") {
  const auto filtered =
      FilterPrompts(PromptsOf({19, 50, 20, 51, 35}), {.min_tokens = 20, .max_tokens = 50}).value();
  std::vector<int64_t> kept;
  for (const Prompt& prompt : filtered.prompts) kept.push_back(prompt.tokens.tokens);
  CHECK(kept == std::vector<int64_t>{50, 20, 35});
  CHECK(filtered.prompts[0].text == "prompt of 50");
}

TEST_CASE("The filter reports how many matched and which lengths there were", "[workload][prompt_filter]") {
  const auto lengths =
      FilterPrompts(PromptsOf({7, 100, 3, 60, 2000}), {.min_tokens = 50, .max_tokens = 150})->lengths;
  CHECK(lengths.prompts == 5);
  CHECK(lengths.matched == 2);
  CHECK(lengths.min_tokens == 3);
  CHECK(lengths.median_tokens == 60);
  CHECK(lengths.max_tokens == 2000);
  CHECK(lengths.source == TokenCountSource::kTokenizer);
  CHECK(Describe(lengths, {.min_tokens = 50, .max_tokens = 150}) ==
        "2 of 5 prompts have 50 to 150 tokens; all have 3 to 2,000, median 60 (tokenizer)");
  // Of an even number, the lower of the middle two.
  CHECK(FilterPrompts(PromptsOf({4, 1, 3, 2}), {.min_tokens = 1, .max_tokens = 9})->lengths.median_tokens ==
        2);
}

TEST_CASE("Counts of several sources are as good as the worst of them", "[workload][prompt_filter]") {
  auto prompts = PromptsOf({5, 6}, TokenCountSource::kTokenizer);
  prompts[1].tokens.source = TokenCountSource::kEstimated;
  CHECK(FilterPrompts(prompts, {.min_tokens = 1, .max_tokens = 9})->lengths.source ==
        TokenCountSource::kEstimated);
}

TEST_CASE("A range that nothing lies in is an error with the range that was found",
          "[workload][prompt_filter]") {
  const auto filtered = FilterPrompts(PromptsOf({51, 300, 1200}, TokenCountSource::kEstimated),
                                      {.min_tokens = 20, .max_tokens = 50});
  CHECK(filtered.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(filtered.status().message() ==
        "no prompt has 20 to 50 tokens: the 3 prompts have 51 "
        "to 1,200, "
        "median 300; counts are estimated; choose a range that overlaps these lengths");
}

TEST_CASE("No prompts and ranges that make no sense are refused with a sentence",
          "[workload][prompt_filter]") {
  const auto problem = [](std::vector<Prompt> prompts, PromptTokenRange range) {
    return std::string(FilterPrompts(std::move(prompts), range).status().message());
  };
  CHECK(problem({}, {}) == "there are no prompts to choose from");
  CHECK(problem(PromptsOf({1}), {.min_tokens = 0, .max_tokens = 5}) ==
        "the shortest length of prompts is 0 tokens: expected 1 or more");
  CHECK(problem(PromptsOf({1}), {.min_tokens = -3, .max_tokens = 5}) ==
        "the shortest length of prompts is -3 tokens: expected 1 or more");
  CHECK(problem(PromptsOf({1}), {.min_tokens = 9, .max_tokens = 5}) ==
        "the longest length of prompts is 5 tokens: expected the shortest, 9, or more");
}

}  // namespace
}  // namespace llmdyno
