// Counters with the habits of tokenizers, for lengths that must be met to the token.
#pragma once

#include <cctype>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Splits texts with `split`, which calls its second argument for each token.
class FakeTokenizer : public TokenCounter {
 public:
  using Take = std::function<void(std::string_view)>;

  absl::StatusOr<std::vector<TokenCount>> CountAll(std::span<const std::string_view> texts) override {
    ++calls;
    if (fails) return absl::UnavailableError("the endpoint went away");
    std::vector<TokenCount> counts;
    for (const std::string_view text : texts) counts.push_back({Count(text), TokenCountSource::kTokenizer});
    counted += std::ssize(texts);
    return counts;
  }

  absl::StatusOr<std::vector<std::vector<int32_t>>> TokenIds(
      std::span<const std::string_view> texts) override {
    std::vector<std::vector<int32_t>> lists;
    for (const std::string_view text : texts) {
      std::vector<int32_t>& ids = lists.emplace_back();
      Split(text, [&](std::string_view token) {
        ids.push_back(static_cast<int32_t>(std::hash<std::string_view>()(token) % 100'000));
      });
    }
    return lists;
  }

  int64_t Count(std::string_view text) const {
    int64_t tokens = 0;
    Split(text, [&](std::string_view) { ++tokens; });
    return tokens;
  }

  virtual void Split(std::string_view text, const Take& take) const = 0;

  bool fails = false;
  int64_t calls = 0;
  int64_t counted = 0;  // texts
};

// A token for each word, as the simulated endpoint counts.
class WordTokenizer final : public FakeTokenizer {
 public:
  void Split(std::string_view text, const Take& take) const override {
    size_t begin = 0;
    for (size_t i = 0; i <= text.size(); ++i) {
      if (i < text.size() && std::isspace(static_cast<unsigned char>(text[i])) == 0) continue;
      if (i > begin) take(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
};

// Like a byte-pair vocabulary: words of up to four letters are one token, longer ones two or, beyond eight
// letters, three; each line end, punctuation mark and byte of other scripts is one of its own.
class PairTokenizer final : public FakeTokenizer {
 public:
  void Split(std::string_view text, const Take& take) const override {
    const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    for (size_t i = 0; i < text.size();) {
      if (text[i] == ' ') {
        ++i;
      } else if (!is_letter(text[i])) {
        take(text.substr(i++, 1));
      } else {
        size_t end = i;
        while (end < text.size() && is_letter(text[end])) ++end;
        const size_t letters = end - i;
        const size_t parts = letters <= 4 ? 1 : (letters <= 8 ? 2 : 3);
        for (size_t part = 0; part < parts; ++part)
          take(
              text.substr(i + part * letters / parts, (part + 1) * letters / parts - part * letters / parts));
        i = end;
      }
    }
  }
};

// A token for each byte: no word that a text could be filled up with is one token.
class ByteTokenizer final : public FakeTokenizer {
 public:
  void Split(std::string_view text, const Take& take) const override {
    for (size_t i = 0; i < text.size(); ++i) take(text.substr(i, 1));
  }
};

}  // namespace llmdyno
