// The simulator's idea of a token: one whitespace-separated word. Counts are exact for that reason, on both
// sides: a client that counts words gets what `usage` says.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llmdyno {

// Number of maximal runs of bytes that are not ASCII white space.
int64_t CountWords(std::string_view text);

// A stand-in for a vocabulary index per word: the same word has the same number everywhere.
void AppendTokenIds(std::string_view text, std::vector<uint32_t>& ids);

// The words of the output with the space before them, each in a field of fixed size so that it can be copied
// without a loop.
struct OutputWord {
  std::array<char, 16> text{};  // begins with the space
  uint8_t size = 0;             // space included
};
inline constexpr size_t kOutputWordCount = 64;

// Token number `position` of an output that began at `start` in the list (any number).
const OutputWord& OutputWordAt(uint64_t start, int64_t position);

// Appends tokens [first, last) of an output as text; only token 0 lacks the space before it.
void AppendOutputText(uint64_t start, int64_t first, int64_t last, std::string& text);

}  // namespace llmdyno
