// English-like text without a file and without the network: sentences of common words, to the exact word.
// Workloads without a dataset write with it. Used by one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/core/token_count.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Writes one text after the other; the sequence depends on the generator's seed only. The texts mean nothing,
// but tokenizers and engines treat them as they treat prose, and no two share a beginning that a prefix cache
// could use.
class SyntheticText {
 public:
  // The generator is for this object alone.
  explicit SyntheticText(Rng rng);

  // Replaces `text` by exactly `words` words, separated by single spaces, in sentences that end in a full
  // stop. Texts of one object differ from one another: the first 100 million when they have five words or
  // more; shorter ones come in fewer variants (two words: about 10,000). Needs words >= 1.
  void Write(int64_t words, std::string& text);

 private:
  void WriteSentence(int64_t words, std::string& text);
  void WriteOpening(int64_t words, std::string& text);

  Rng rng_;
  uint64_t serial_;  // of the next text; starts at random, so that seeds differ from one another at once
};

// The words that SyntheticText knows, each once; lower case.
std::span<const std::string_view> SyntheticVocabulary();

// How many tokens a word of synthetic text has on average, punctuation included.
struct TokensPerWord {
  double value =
      1.5;  // what the estimating counter measures, a little on the high side for words this common
  TokenCountSource source = TokenCountSource::kEstimated;
};

// Has the counter count a sample of synthetic texts: 8 of 250 words each. InvalidArgument when it found no
// tokens in them; otherwise errors are the counter's.
absl::StatusOr<TokensPerWord> MeasureTokensPerWord(TokenCounter& counter);

}  // namespace llmdyno
