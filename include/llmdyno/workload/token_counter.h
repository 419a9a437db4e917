// How many tokens a text has, as well as that can be known without the model's own tokenizer at hand. Made
// before a run (MakeTokenCounter); used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/core/token_count.h"

namespace llmdyno {

// Counts texts during set-up (never on the measured path). Each count says where it came from.
class TokenCounter {
 public:
  virtual ~TokenCounter() = default;
  // One count per text, in order. A Status only when counting as such broke down.
  virtual absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) = 0;
  // The tokens themselves, as ids of the model's vocabulary; one list per text, in order. Unimplemented for a
  // counter that knows no vocabulary.
  virtual absl::StatusOr<std::vector<std::vector<int32_t>>> TokenIds(std::span<const std::string_view> texts);
};

// A rule of thumb for English-like text under today's byte-pair tokenizers, source kEstimated: see
// EstimateTokens for the rule.
std::unique_ptr<TokenCounter> MakeEstimatingTokenCounter();

// The rule: the larger of words x 1.3 and characters / 4, rounded; at least 1 for a non-empty text. Sources
// of the two figures: docs/metrics.md, "Token counts".
int64_t EstimateTokens(std::string_view text);

// Learns an endpoint's tokens per byte of text from responses that carried usage, for those that do not.
// A plain value; not thread-safe.
class TokenCalibration {
 public:
  // Adds what one response said: so many bytes of text were so many tokens. Ignored unless both are above
  // zero.
  void Learn(int64_t text_bytes, int64_t tokens);
  bool has_data() const { return tokens_ > 0 && bytes_ > 0; }
  // Needs has_data(). Rounded; at least 1 for text_bytes > 0.
  int64_t TokensFor(int64_t text_bytes) const;

 private:
  int64_t bytes_ = 0;
  int64_t tokens_ = 0;
};

// Counts by what an endpoint's own `usage` has taught, source kCalibrated; estimates while nothing was
// learned. Keeps a copy of the calibration.
std::unique_ptr<TokenCounter> MakeCalibratedTokenCounter(const TokenCalibration& calibration);

}  // namespace llmdyno
