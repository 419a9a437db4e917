#include "workload/word_end.h"

#include <algorithm>

namespace llmdyno {
namespace {

// Words of more bytes are cut between characters.
constexpr size_t kLongestWord = 48;

bool IsInCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool IsWordEnd(std::string_view text, size_t at) {
  return !IsSpace(text[at - 1]) && (at == text.size() || IsSpace(text[at]));
}

}  // namespace

size_t WordEndBefore(std::string_view text, size_t at) {
  const size_t lowest = at > kLongestWord ? at - kLongestWord : 0;
  for (size_t end = at; end > lowest; --end) {
    if (IsWordEnd(text, end)) return end;
  }
  if (lowest == 0) return 0;
  while (at > lowest && at < text.size() && IsInCharacter(text[at])) --at;
  return at;
}

size_t WordEndAfter(std::string_view text, size_t at) {
  const size_t highest = std::min(text.size(), at + kLongestWord);
  for (size_t end = at + 1; end < highest; ++end) {
    if (IsWordEnd(text, end)) return end;
  }
  if (highest == text.size()) return highest;
  for (++at; at < text.size() && IsInCharacter(text[at]); ++at) continue;
  return at;
}

}  // namespace llmdyno
