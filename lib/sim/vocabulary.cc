#include "vocabulary.h"

#include <algorithm>

namespace llmdyno {
namespace {

constexpr bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Plain lower-case words without anything JSON would escape. Four to five letters on average, as English
// tokens are, which makes a streamed chunk about 245 bytes long.
constexpr std::array<std::string_view, kOutputWordCount> kWords = {
    "the",   "engine", "turns", "over",  "and",  "a",     "steady", "load",  "holds", "its",  "speed",
    "while", "every",  "gauge", "reads", "true", "from",  "first",  "spark", "to",    "last", "mile",
    "we",    "count",  "each",  "token", "as",   "it",    "leaves", "then",  "write", "down", "what",
    "was",   "seen",   "no",    "more",  "less", "so",    "that",   "when",  "two",   "runs", "agree",
    "you",   "can",    "trust", "them",  "both", "after", "all",    "power", "is",    "only", "work",
    "done",  "in",     "time",  "by",    "some", "force", "along",  "road",  "home",
};

constexpr std::array<OutputWord, kOutputWordCount> MakeOutputWords() {
  std::array<OutputWord, kOutputWordCount> words{};
  for (size_t i = 0; i < kOutputWordCount; ++i) {
    words[i].text[0] = ' ';
    for (size_t j = 0; j < kWords[i].size(); ++j) words[i].text[j + 1] = kWords[i][j];
    words[i].size = static_cast<uint8_t>(kWords[i].size() + 1);
  }
  return words;
}
constexpr std::array<OutputWord, kOutputWordCount> kOutputWords = MakeOutputWords();

}  // namespace

int64_t CountWords(std::string_view text) {
  int64_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool is_space = IsSpace(c);
    words += (!is_space && !in_word) ? 1 : 0;
    in_word = !is_space;
  }
  return words;
}

void AppendTokenIds(std::string_view text, std::vector<uint32_t>& ids) {
  size_t position = 0;
  while (position < text.size()) {
    while (position < text.size() && IsSpace(text[position])) ++position;
    if (position == text.size()) return;
    uint32_t hash = 2'166'136'261;  // FNV-1a
    for (; position < text.size() && !IsSpace(text[position]); ++position) {
      hash = (hash ^ static_cast<unsigned char>(text[position])) * 16'777'619;
    }
    ids.push_back(hash % 128'000);
  }
}

const OutputWord& OutputWordAt(uint64_t start, int64_t position) {
  return kOutputWords[(start + static_cast<uint64_t>(position)) % kOutputWordCount];
}

void AppendOutputText(uint64_t start, int64_t first, int64_t last, std::string& text) {
  for (int64_t i = first; i < last; ++i) {
    const OutputWord& word = OutputWordAt(start, i);
    const size_t skipped = i == 0 ? 1 : 0;
    text.append(word.text.data() + skipped, word.size - skipped);
  }
}

}  // namespace llmdyno
