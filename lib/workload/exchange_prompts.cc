#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/serving_prompts.h"

namespace llmdyno {
namespace {

// vLLM's: shorter ones are mostly damaged, longer ones did not fit into the models of its first days.
constexpr int64_t kFewestTokens = 4;
constexpr int64_t kMostPromptTokens = 1024;
constexpr int64_t kMostTokens = 2048;
constexpr int64_t kAtOnce = 256;  // conversations that are counted together

struct Exchange {
  std::string prompt;
  std::string answer;
};

bool IsKept(int64_t prompt, int64_t answer) {
  return prompt >= kFewestTokens && answer >= kFewestTokens && prompt <= kMostPromptTokens &&
         prompt + answer <= kMostTokens;
}

// So long that no tokenizer makes it short enough: need not be counted.
bool IsFarTooLong(const Exchange& exchange) {
  constexpr size_t kMostBytesPerToken = 64;
  return exchange.prompt.size() > kMostPromptTokens * kMostBytesPerToken ||
         exchange.answer.size() > kMostTokens * kMostBytesPerToken;
}

// Counts a batch and appends what passes the filter.
absl::Status AddKept(TokenCounter& counter, std::vector<Exchange>& batch, const ExchangePromptConfig& config,
                     std::vector<Prompt>& prompts) {
  std::vector<std::string_view> texts;
  for (const Exchange& exchange : batch) {
    texts.push_back(exchange.prompt);
    texts.push_back(exchange.answer);
  }
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll(texts));
  if (counts.size() != texts.size()) return absl::InternalError("a token counter lost a text");
  for (size_t i = 0; i < batch.size() && std::ssize(prompts) < config.prompts; ++i) {
    const TokenCount& prompt = counts[2 * i];
    const TokenCount& answer = counts[2 * i + 1];
    if (!IsKept(prompt.tokens, answer.tokens)) continue;
    prompts.push_back({std::move(batch[i].prompt), prompt, config.output_len.value_or(answer.tokens)});
  }
  batch.clear();
  return absl::OkStatus();
}

}  // namespace

absl::Status ExchangePromptConfig::Validate() const {
  if (prompts < 1) {
    return absl::InvalidArgumentError("the number of prompts is " + std::to_string(prompts) +
                                      ": expected 1 or more");
  }
  if (output_len && *output_len < 1) {
    return absl::InvalidArgumentError("output_len is " + std::to_string(*output_len) +
                                      ": expected 1 or more");
  }
  return absl::OkStatus();
}

absl::StatusOr<ExchangePrompts> DrawExchangePrompts(ConversationDataset& dataset,
                                                    const ExchangePromptConfig& config, TokenCounter& counter,
                                                    Rng rng) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  std::vector<uint32_t> order(static_cast<size_t>(dataset.size()));
  std::iota(order.begin(), order.end(), uint32_t{0});
  Shuffle(order, rng);
  // The first to pass in a random order are a draw without replacement from all that would pass.
  ExchangePrompts drawn;
  std::vector<Exchange> batch;
  for (const uint32_t index : order) {
    if (std::ssize(drawn.prompts) == config.prompts) break;
    LLMDYNO_ASSIGN_OR_RETURN(const Conversation* const conversation, dataset.Read(index));
    ++drawn.looked_at;
    if (conversation->messages.size() < 2) return absl::InternalError("an exchange has two messages");
    Exchange exchange{conversation->messages[0].content, conversation->messages[1].content};
    if (!IsFarTooLong(exchange)) batch.push_back(std::move(exchange));
    const int64_t missing = config.prompts - std::ssize(drawn.prompts);
    if (std::ssize(batch) < std::min(kAtOnce, missing)) continue;
    LLMDYNO_RETURN_IF_ERROR(AddKept(counter, batch, config, drawn.prompts));
  }
  LLMDYNO_RETURN_IF_ERROR(AddKept(counter, batch, config, drawn.prompts));
  drawn.different = std::ssize(drawn.prompts);
  if (drawn.different == 0) {
    return absl::InvalidArgumentError(
        "none of " + WithThousands(drawn.looked_at) +
        " conversations has a first exchange of the right length: " +
        "expected a prompt of 4 to 1,024 tokens, an answer of 4 or more, and 2,048 or fewer in both");
  }
  for (size_t i = 0; std::ssize(drawn.prompts) < config.prompts; ++i)
    drawn.prompts.push_back(drawn.prompts[i]);
  return drawn;
}

}  // namespace llmdyno
