#include "llmdyno/workload/prompt.h"

#include "support/catch.h"

namespace llmdyno {
namespace {

// Says what it is told to say, whatever it is asked.
class ScriptedCounter final : public TokenCounter {
 public:
  explicit ScriptedCounter(absl::StatusOr<std::vector<TokenCount>> answer) : answer_(std::move(answer)) {}
  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view>) override {
    return answer_;
  }

 private:
  absl::StatusOr<std::vector<TokenCount>> answer_;
};

TEST_CASE("Counting gives each prompt its own count", "[workload][prompt]") {
  std::vector<Prompt> prompts = {{"one"}, {"two words"}};
  ScriptedCounter counter(
      std::vector<TokenCount>{{1, TokenCountSource::kTokenizer}, {2, TokenCountSource::kTokenizer}});
  REQUIRE(CountTokens(counter, prompts).ok());
  CHECK(prompts[0].tokens == TokenCount{1, TokenCountSource::kTokenizer});
  CHECK(prompts[1].tokens == TokenCount{2, TokenCountSource::kTokenizer});
}

TEST_CASE("A counter that fails or answers with another number of counts is an error", "[workload][prompt]") {
  std::vector<Prompt> prompts = {{"one"}, {"two"}};
  ScriptedCounter failing(absl::UnavailableError("gone"));
  CHECK(CountTokens(failing, prompts).message() == "gone");
  ScriptedCounter short_answer(std::vector<TokenCount>{{1, TokenCountSource::kUsage}});
  CHECK(CountTokens(short_answer, prompts).message() == "a token counter gave 1 counts for 2 texts");
}

}  // namespace
}  // namespace llmdyno
