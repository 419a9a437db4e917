// How long the texts of an embedding benchmark are: a category that people know, or an exact number. A plain
// value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"

namespace llmdyno {

struct TextLength {
  // Categories, and exact numbers.
  enum class Kind {
    kShort,   // 5 to 15 words: a query
    kMedium,  // 18 to 46 words: a sentence
    kLong,    // 72 to 368 words: a passage of 4 to 8 sentences
    kMixed,   // each text one of these three, at random
    kWords,   // exactly `count` words
    kTokens,  // exactly `count` tokens: E(count)
  };
  Kind kind = Kind::kShort;
  int64_t count = 0;  // of kWords and kTokens: 1 or more

  // "short", "medium", "long", "mixed", "200", "E(128)". InvalidArgument says what is accepted, with the
  // nearest word.
  static absl::StatusOr<TextLength> Parse(std::string_view text);

  // How many words the next text is to have. Not for kTokens.
  int64_t DrawWords(Rng& rng) const;

  friend bool operator==(const TextLength&, const TextLength&) = default;
};

// As Parse reads it.
std::string ToString(const TextLength& length);

}  // namespace llmdyno
