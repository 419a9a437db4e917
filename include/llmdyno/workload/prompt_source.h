// Request sources that send single prompts: from a list, or written as they are needed. The catalog's
// workloads make them. A source is used by the run's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/prompt.h"
#include "llmdyno/workload/prompt_filter.h"
#include "llmdyno/workload/request_source.h"
#include "llmdyno/workload/synthetic_text.h"

namespace llmdyno {

// A message of a user, or a bare prompt.
enum class PromptBody { kChat, kCompletion };

// Some words of our own, of a length that is usual.
inline constexpr std::string_view kDefaultSystemPrompt =
    "You are a careful and friendly assistant. Answer in clear sentences, keep to the question, and say so "
    "openly "
    "when you do not know something. Decline politely what could hurt somebody.";

// What every request of a source has in common.
struct PromptRequestConfig {
  PromptBody body = PromptBody::kChat;
  // A message of its own before every prompt; empty for none. A bare completion has no place for it and goes
  // without.
  std::string system_prompt = std::string(kDefaultSystemPrompt);
  std::optional<int64_t> max_output_tokens = 2048;  // unset leaves it to the endpoint
  std::optional<int64_t> max_requests = {};         // the source is exhausted after as many; unset: never

  // The first problem in a sentence, naming the field and the accepted range.
  absl::Status Validate() const;
};

// In which order prompts are sent.
enum class PromptOrder {
  kShuffled,  // at random, no prompt twice before all were used; then in another random order
  kAsGiven,   // one after the other, then from the first again
};

// Of MakePromptListSource.
struct PromptListConfig {
  PromptRequestConfig request = {};
  PromptOrder order = PromptOrder::kShuffled;
};

// Request::prompt_tokens is what was counted (CountTokens), absent when nothing was. `rng` decides the order
// and nothing else. InvalidArgument when there are no prompts.
absl::StatusOr<std::unique_ptr<RequestSource>> MakePromptListSource(std::vector<Prompt> prompts,
                                                                    const PromptListConfig& config, Rng rng);

// Of MakeSyntheticPromptSource.
struct SyntheticPromptConfig {
  PromptRequestConfig request = {};
  PromptTokenRange tokens = {};        // lengths are uniform in this range
  TokensPerWord tokens_per_word = {};  // turns a length in tokens into one in words; see MeasureTokensPerWord
};

// Request::prompt_tokens is the length that tokens_per_word predicts; it lies in the range whenever the range
// holds a whole number of words. InvalidArgument with the field: a config out of range, or prompts that would
// be longer than the longest that can be written.
absl::StatusOr<std::unique_ptr<RequestSource>> MakeSyntheticPromptSource(const SyntheticPromptConfig& config,
                                                                         Rng rng);

}  // namespace llmdyno
