// A number of tokens, and how well it is known. Plain values. Records and prompts hold one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace llmdyno {

// Where a token count came from, most trustworthy first.
enum class TokenCountSource {
  kUsage,       // reported by the endpoint in `usage`
  kTokenizer,   // counted by the endpoint's /tokenize route
  kCalibrated,  // characters per token learned from other responses of this endpoint
  kEvents,      // one token per streamed event with text
  kEstimated,   // a rule of thumb: nothing of this endpoint was known
};
// The spelling in files: "usage", "tokenizer", "calibrated", "events", "estimated".
std::string_view ToString(TokenCountSource source);
// Undoes ToString; nothing for an unknown word.
std::optional<TokenCountSource> ParseTokenCountSource(std::string_view text);

// Zero and kEstimated where nobody has counted.
struct TokenCount {
  int64_t tokens = 0;
  TokenCountSource source = TokenCountSource::kEstimated;
  friend bool operator==(const TokenCount&, const TokenCount&) = default;
};

}  // namespace llmdyno
