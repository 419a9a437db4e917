// What PromptComposer is for texts, for prompts as token ids: the rows of a pool as the endpoint's own
// tokenizer reads them. Lengths are exact without counting anything again.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/workload/prompt_composer.h"
#include "llmdyno/workload/text_pool.h"
#include "llmdyno/workload/token_counter.h"
#include "workload/serial_digits.h"

namespace llmdyno {

class TokenIdComposer {
 public:
  // Fails when the counter gives no ids.
  static absl::StatusOr<TokenIdComposer> Make(const TextPool& pool, const SharedPrefix& prefix,
                                              TokenCounter& counter);

  // Exactly so many ids (1 or more), opened by ids of the pool's vocabulary that no other prompt of the
  // series opens with.
  std::vector<int32_t> Compose(int64_t length, PromptSeries& series);

 private:
  TokenIdComposer(const SharedPrefix& prefix, std::vector<std::vector<int32_t>> rows);

  // Continues the common beginning.
  void ExtendCommon(size_t length);
  void AppendOpening(PromptSeries& series, std::vector<int32_t>& ids) const;
  void AppendRow(PromptSeries& series, std::vector<int32_t>& ids) const;

  SharedPrefix config_;
  std::vector<std::vector<int32_t>> rows_;
  std::vector<int32_t> vocabulary_;  // the ids that the rows have, each once
  SerialDigits digits_;
  PromptSeries common_series_;
  std::vector<int32_t> common_;
};

}  // namespace llmdyno
