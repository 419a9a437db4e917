// A counter with the habits of a real tokenizer: words have one token for each four letters begun, a line end
// has one of its own.
#pragma once

#include <vector>

#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

class PieceCounter final : public TokenCounter {
 public:
  static int64_t Count(std::string_view text) {
    int64_t tokens = 0;
    int64_t letters = 0;
    for (const char c : text) {
      if (c == ' ' || c == '\n') {
        letters = 0;
        tokens += c == '\n' ? 1 : 0;
      } else if (letters++ % 4 == 0) {
        ++tokens;
      }
    }
    return tokens;
  }

  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    if (fails) return absl::UnavailableError("the endpoint went away");
    std::vector<TokenCount> counts;
    for (const std::string_view text : texts) counts.push_back({Count(text), TokenCountSource::kTokenizer});
    counted += std::ssize(texts);
    return counts;
  }

  bool fails = false;
  int64_t counted = 0;  // texts
};

}  // namespace llmdyno
