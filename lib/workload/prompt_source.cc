#include "llmdyno/workload/prompt_source.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "workload/request_wrapper.h"

namespace llmdyno {
namespace {

constexpr int64_t kMaxPromptWords = 10'000'000;

absl::Status CheckCount(std::string_view field, const std::optional<int64_t>& count) {
  if (!count || *count >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + " is " + std::to_string(*count) +
                                    ": expected 1 or more, or nothing for no such limit");
}

class PromptListSource final : public RequestSource {
 public:
  PromptListSource(std::vector<Prompt> prompts, const PromptListConfig& config, Rng rng)
      : prompts_(std::move(prompts)),
        wrapper_(config.request),
        order_(config.order),
        rng_(rng),
        turns_(prompts_.size()) {
    std::iota(turns_.begin(), turns_.end(), size_t{0});
  }

  NextRequest Next(TimePoint /*now*/) override {
    if (wrapper_.exhausted()) return Exhausted{};
    if (next_turn_ == turns_.size()) next_turn_ = 0;
    if (next_turn_ == 0 && order_ == PromptOrder::kShuffled) Shuffle(turns_, rng_);
    const Prompt& prompt = prompts_[turns_[next_turn_++]];
    Request request = wrapper_.Wrap(prompt.text, prompt.tokens);
    if (prompt.max_output_tokens) request.max_output_tokens = prompt.max_output_tokens;
    return request;
  }

 private:
  const std::vector<Prompt> prompts_;
  RequestWrapper wrapper_;
  const PromptOrder order_;
  Rng rng_;
  std::vector<size_t> turns_;  // positions in prompts_
  size_t next_turn_ = 0;
};

struct WordRange {
  int64_t min_words = 1;
  int64_t max_words = 1;
};

// The lengths in words that give a length in tokens within the range. A range that holds no whole number of
// words (20 to 20 tokens at 1.3 tokens per word) gives the nearest one.
WordRange ToWords(const PromptTokenRange& tokens, double tokens_per_word) {
  constexpr double kRounding = 1e-9;  // 13 / 1.3 must be ten words, not eleven
  const double low = static_cast<double>(tokens.min_tokens) / tokens_per_word;
  const double high = static_cast<double>(tokens.max_tokens) / tokens_per_word;
  WordRange words{static_cast<int64_t>(std::ceil(low - kRounding)),
                  static_cast<int64_t>(std::floor(high + kRounding))};
  if (words.min_words > words.max_words) words.min_words = words.max_words = std::llround((low + high) / 2);
  words.min_words = std::max<int64_t>(1, words.min_words);
  words.max_words = std::max<int64_t>(1, words.max_words);
  return words;
}

class SyntheticPromptSource final : public RequestSource {
 public:
  SyntheticPromptSource(const SyntheticPromptConfig& config, Rng rng)
      : wrapper_(config.request),
        tokens_per_word_(config.tokens_per_word),
        words_(ToWords(config.tokens, tokens_per_word_.value)),
        lengths_(rng.Next()),
        writer_(rng) {}

  NextRequest Next(TimePoint /*now*/) override {
    if (wrapper_.exhausted()) return Exhausted{};
    const int64_t words = lengths_.UniformInt(words_.min_words, words_.max_words);
    std::string text;
    writer_.Write(words, text);
    const int64_t tokens = std::llround(static_cast<double>(words) * tokens_per_word_.value);
    return wrapper_.Wrap(std::move(text), {std::max<int64_t>(1, tokens), tokens_per_word_.source});
  }

 private:
  RequestWrapper wrapper_;
  const TokensPerWord tokens_per_word_;
  const WordRange words_;
  Rng lengths_;
  SyntheticText writer_;
};

}  // namespace

absl::Status PromptRequestConfig::Validate() const {
  LLMDYNO_RETURN_IF_ERROR(CheckCount("max_output_tokens", max_output_tokens));
  return CheckCount("max_requests", max_requests);
}

absl::StatusOr<std::unique_ptr<RequestSource>> MakePromptListSource(std::vector<Prompt> prompts,
                                                                    const PromptListConfig& config, Rng rng) {
  LLMDYNO_RETURN_IF_ERROR(config.request.Validate());
  if (prompts.empty()) return absl::InvalidArgumentError("there are no prompts to send");
  return std::make_unique<PromptListSource>(std::move(prompts), config, rng);
}

absl::StatusOr<std::unique_ptr<RequestSource>> MakeSyntheticPromptSource(const SyntheticPromptConfig& config,
                                                                         Rng rng) {
  LLMDYNO_RETURN_IF_ERROR(config.request.Validate());
  LLMDYNO_RETURN_IF_ERROR(config.tokens.Validate());
  const double tokens_per_word = config.tokens_per_word.value;
  if (!std::isfinite(tokens_per_word) || tokens_per_word < 0.01 || tokens_per_word > 100) {
    return absl::InvalidArgumentError("tokens_per_word is " + std::to_string(tokens_per_word) +
                                      ": expected 0.01 to 100");
  }
  if (static_cast<double>(config.tokens.max_tokens) / tokens_per_word >
      static_cast<double>(kMaxPromptWords)) {
    return absl::InvalidArgumentError(
        "the longest length of prompts is " + std::to_string(config.tokens.max_tokens) +
        " tokens: expected a prompt of at most " + std::to_string(kMaxPromptWords) + " words");
  }
  return std::make_unique<SyntheticPromptSource>(config, rng);
}

}  // namespace llmdyno
