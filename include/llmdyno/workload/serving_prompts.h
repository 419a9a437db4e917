// The prompts of the serving benchmarks that users of vLLM know: of given lengths, from verses with a shared
// beginning, and from the first exchange of ShareGPT conversations. All are made before the run, with the
// best counter at hand; MakePromptListSource sends them. The catalog's workloads random, sonnet and
// sharegpt-serving call these. The functions block while the counter counts. Call them on the thread that may
// use the counter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/conversation_dataset.h"
#include "llmdyno/workload/prompt.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// How many prompts are made when nobody says how many, as vLLM's client has it.
inline constexpr int64_t kUsualServingPrompts = 1000;

// Of MakeRandomPrompts.
struct RandomPromptConfig {
  int64_t prompts = kUsualServingPrompts;
  int64_t input_len = 1024;  // tokens of a prompt without its prefix
  int64_t output_len = 128;  // the limit of its answer
  // Both lengths are uniform in [length x (1 - ratio), length x (1 + ratio)], rounded outwards; 0 to below 1.
  double range_ratio = 0;
  int64_t prefix_len = 0;  // tokens with which every prompt begins, the same ones

  // InvalidArgument with the first problem, naming the field and the accepted range.
  absl::Status Validate() const;
};

// Synthetic text, cut to within a token of the length by what the counter says. InvalidArgument for a config
// that Validate() refuses; otherwise errors are the counter's.
absl::StatusOr<std::vector<Prompt>> MakeRandomPrompts(const RandomPromptConfig& config, TokenCounter& counter,
                                                      Rng rng);

// Of MakeSonnetPrompts.
struct SonnetPromptConfig {
  int64_t prompts = kUsualServingPrompts;
  int64_t input_len = 550;   // tokens of a prompt, its prefix included
  int64_t output_len = 150;  // the limit of its answer
  int64_t prefix_len = 200;  // tokens with which every prompt begins: an instruction and the first lines
  std::string path = "";     // a file whose lines are taken; empty: verses that come with llmdyno

  // InvalidArgument with the first problem, naming the field and the accepted range.
  absl::Status Validate() const;
};

// The prefix ends with a line, so its length is met within half a line. InvalidArgument also when the file
// has no lines, or prefix_len is too short for the instruction.
absl::StatusOr<std::vector<Prompt>> MakeSonnetPrompts(const SonnetPromptConfig& config, TokenCounter& counter,
                                                      Rng rng);

// Of DrawExchangePrompts.
struct ExchangePromptConfig {
  int64_t prompts = kUsualServingPrompts;
  std::optional<int64_t> output_len = {};  // the limit of every answer; unset: the reference answer's length

  // InvalidArgument with the first problem, naming the field and the accepted range.
  absl::Status Validate() const;
};

// What was drawn, and how far the dataset went.
struct ExchangePrompts {
  std::vector<Prompt> prompts;
  int64_t looked_at = 0;  // conversations, until there were enough
  int64_t different =
      0;  // of these: kept. Fewer than asked for when the dataset has no more; then they repeat
};

// Draws at random, and without putting any back, from those exchanges of `dataset` (loaded with
// first_exchange_only) whose prompt and answer have 4 tokens or more, the prompt at most 1024 and both
// together at most 2048: vLLM's filter. Only as many are counted as are needed. InvalidArgument when none
// passes.
absl::StatusOr<ExchangePrompts> DrawExchangePrompts(ConversationDataset& dataset,
                                                    const ExchangePromptConfig& config, TokenCounter& counter,
                                                    Rng rng);

}  // namespace llmdyno
