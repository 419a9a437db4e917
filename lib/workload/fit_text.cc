#include "workload/fit_text.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

// With a tokenizer that takes common words for one token each, two rounds are enough; a round is a request to
// the endpoint for every prompt that does not fit yet.
constexpr int kMostRounds = 8;
constexpr int64_t kTolerance = 1;

// The search for one text's cut, between a number of words that is too short and one that is too long.
class Cut {
 public:
  Cut(std::string_view text, int64_t length) : text_(text), length_(length) {
    for (size_t i = 1; i <= text.size(); ++i) {
      if (i == text.size() || text[i] == ' ' || text[i] == '\n') ends_.push_back(i);
    }
    too_many_ = std::ssize(ends_) + 1;
    constexpr double kUsualTokensPerWord = 1.3;  // a first guess; nothing depends on it
    Try(std::llround(static_cast<double>(length) / kUsualTokensPerWord));
  }

  // Whether another count is worth a request.
  bool is_settled() const { return words_ == 0 || (best_words_ > 0 && Miss(best_) <= kTolerance); }
  std::string_view Text() const { return UpTo(words_); }  // to be counted next
  size_t best_size() const { return UpTo(best_words_).size(); }
  const TokenCount& best() const { return best_; }

  // Takes the count of Text() and tries next the number of words that the tokens per word of this text
  // suggest.
  void Learn(const TokenCount& count) {
    if (best_words_ == 0 || Miss(count) < Miss(best_)) {
      best_words_ = words_;
      best_ = count;
    }
    (count.tokens < length_ ? too_few_ : too_many_) = words_;
    const double words_per_token =
        static_cast<double>(words_) / static_cast<double>(std::max<int64_t>(1, count.tokens));
    Try(words_ + std::llround(static_cast<double>(length_ - count.tokens) * words_per_token));
  }

 private:
  int64_t Miss(const TokenCount& count) const { return std::abs(count.tokens - length_); }

  std::string_view UpTo(int64_t words) const {
    return words == 0 ? std::string_view() : text_.substr(0, ends_[static_cast<size_t>(words - 1)]);
  }

  void Try(int64_t words) {
    words_ = too_few_ + 1 < too_many_ ? std::clamp(words, too_few_ + 1, too_many_ - 1) : 0;
  }

  const std::string_view text_;
  const int64_t length_;
  std::vector<size_t> ends_;  // of each word
  int64_t words_ = 0;         // being tried; 0: nothing is left to try
  int64_t too_few_ = 0;
  int64_t too_many_ = 0;
  int64_t best_words_ = 0;
  TokenCount best_;
};

}  // namespace

absl::Status FitToTokens(TokenCounter& counter, std::span<Prompt> prompts, std::span<const int64_t> lengths) {
  assert(prompts.size() == lengths.size() && "a length for each prompt");
  std::vector<Cut> cuts;
  cuts.reserve(prompts.size());
  for (size_t i = 0; i < prompts.size(); ++i) cuts.emplace_back(prompts[i].text, lengths[i]);
  std::vector<std::string_view> texts;
  std::vector<Cut*> open;
  for (int round = 0; round < kMostRounds; ++round) {
    texts.clear();
    open.clear();
    for (Cut& cut : cuts) {
      if (cut.is_settled()) continue;
      open.push_back(&cut);
      texts.push_back(cut.Text());
    }
    if (open.empty()) break;
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll(texts));
    if (counts.size() != texts.size()) return absl::InternalError("a token counter lost a text");
    for (size_t i = 0; i < open.size(); ++i) open[i]->Learn(counts[i]);
  }
  for (size_t i = 0; i < prompts.size(); ++i) {
    prompts[i].tokens = cuts[i].best();
    prompts[i].text.resize(cuts[i].best_size());
    prompts[i].text.shrink_to_fit();
  }
  return absl::OkStatus();
}

}  // namespace llmdyno
