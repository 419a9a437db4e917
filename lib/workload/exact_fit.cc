#include "workload/exact_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "workload/word_end.h"

namespace llmdyno {
namespace {

constexpr int kMostRounds = 16;

// Three letters each: whole tokens of every vocabulary, and exactly one by the rule of thumb.
constexpr std::array<std::string_view, 16> kFillWords = {"the", "and", "for", "was", "are", "but",
                                                         "not", "all", "you", "his", "her", "one",
                                                         "out", "who", "has", "can"};

// Words that a text is filled up with rather than counting another cut.
int64_t MostFill(int64_t length) { return std::min<int64_t>(32, 1 + length / 32); }

// A place to cut the text, and what was counted there.
struct Cut {
  size_t at = 0;
  TokenCount count;
  int64_t tokens() const { return count.tokens; }
};

// The search for one text: first for the cut behind which only a few tokens are missing, then for the number
// of words that fill it up.
class Search {
 public:
  explicit Search(DraftPrompt draft)
      : text_(std::move(draft.text)), length_(draft.length), fill_seed_(draft.fill_seed) {
    cut_ = WordEndBefore(text_, std::min(draft.first_cut, text_.size()));
    if (cut_ == 0) cut_ = WordEndAfter(text_, 0);
  }

  bool is_settled() const { return is_settled_; }

  // To be counted next.
  std::string_view Text() const {
    return is_filling_ ? std::string_view(text_) : std::string_view(text_).substr(0, cut_);
  }

  void Learn(const TokenCount& count) {
    if (!best_ || std::abs(count.tokens - length_) < std::abs(best_->count.tokens - length_)) {
      best_ = Found{cut_, fill_words_, full_stops_, count};
    }
    if (count.tokens == length_) {
      is_settled_ = true;
    } else if (is_filling_) {
      LearnFilled(count);
    } else {
      LearnCut(count);
    }
  }

  // Needs one count or more.
  Prompt Take() {
    if (!is_filling_) {
      text_.resize(best_->cut);
    } else {
      Write(best_->cut, best_->fill_words, best_->full_stops);
    }
    return {std::move(text_), best_->count};
  }

 private:
  struct Found {
    size_t cut = 0;
    int64_t fill_words = 0;
    int64_t full_stops = 0;
    TokenCount count;
  };

  void LearnCut(const TokenCount& count) {
    if (count.tokens < length_) {
      short_ = {cut_, count};
    } else {
      long_ = Cut{cut_, count};
    }
    const int64_t missing = length_ - short_.tokens();
    // Text whose tokens lie unevenly (a URL, another script) is not searched for ever.
    const bool is_enough = ++cuts_ >= (short_.at == 0 ? 8 : 4);
    const bool is_near = short_.at > 0 && missing <= MostFill(length_);
    if (is_near || is_enough || !ChooseCut()) StartFilling(missing);
  }

  // Between those known to be too short and too long, where the tokens per byte of this text suggest. False
  // when there is none left.
  bool ChooseCut() {
    if (short_.at == text_.size()) return false;
    const size_t end = long_ ? long_->at : text_.size() + 1;
    const bool is_short_nearer =
        !long_ || (short_.at > 0 && length_ - short_.tokens() < long_->tokens() - length_);
    const Cut& nearest = is_short_nearer ? short_ : *long_;
    const double bytes_per_token =
        static_cast<double>(nearest.at) / static_cast<double>(std::max<int64_t>(1, nearest.tokens()));
    const double wanted = static_cast<double>(nearest.at) +
                          static_cast<double>(FirstAim(length_) - nearest.tokens()) * bytes_per_token;
    size_t at = WordEndBefore(text_, static_cast<size_t>(std::clamp(wanted, static_cast<double>(short_.at),
                                                                    static_cast<double>(end - 1))));
    if (at <= short_.at) at = WordEndAfter(text_, short_.at);
    if (at >= end) return false;
    cut_ = at;
    return true;
  }

  // What lies behind the cut is not needed any more.
  void StartFilling(int64_t words) {
    is_filling_ = true;
    text_.resize(short_.at);
    base_ = short_;
    if (best_->cut > short_.at) best_.reset();  // it was too long, and is lost
    if (short_.at > 0) best_ = Found{short_.at, 0, 0, short_.count};
    too_few_words_ = 0;
    too_few_tokens_ = short_.tokens();
    Write(short_.at, words, 0);
  }

  void LearnFilled(const TokenCount& count) {
    if (full_stops_ > 0) return DropWord();
    if (count.tokens < length_) {
      too_few_words_ = fill_words_;
      too_few_tokens_ = count.tokens;
    } else {
      too_many_words_ = fill_words_;
    }
    if (too_few_words_ + 1 < too_many_words_) {
      const double per_word = static_cast<double>(count.tokens - base_.tokens()) /
                              static_cast<double>(std::max<int64_t>(1, fill_words_));
      const int64_t words =
          fill_words_ + std::llround(static_cast<double>(length_ - count.tokens) / std::max(per_word, 0.25));
      Write(base_.at, std::clamp(words, too_few_words_ + 1, too_many_words_ - 1), 0);
    } else if (too_few_words_ >= 0) {
      // A word is more than one token here, as it is where every byte is one.
      Write(base_.at, too_few_words_, length_ - too_few_tokens_);
    } else {
      DropWord();
    }
  }

  // Nothing fills it up to the token: perhaps something does behind another word.
  void DropWord() {
    if (base_.at == 0) {
      is_settled_ = true;
      return;
    }
    const size_t at = WordEndBefore(text_, base_.at - 1);
    dropped_.insert(0, text_, at, base_.at - at);
    base_ = {at, {std::max<int64_t>(0, base_.tokens() - 1), base_.count.source}};  // a guess
    if (at == 0) base_.count.tokens = 0;
    too_few_words_ = at == 0 ? 0 : -1;
    too_few_tokens_ = 0;
    too_many_words_ = std::numeric_limits<int64_t>::max();
    Write(at, length_ - base_.tokens(), 0);
  }

  // The text up to the cut, then so many words and full stops.
  void Write(size_t cut, int64_t words, int64_t full_stops) {
    cut_ = cut;
    fill_words_ = words;
    full_stops_ = full_stops;
    text_.resize(std::min(cut, base_.at));
    if (cut > base_.at) text_.append(dropped_, 0, cut - base_.at);
    uint64_t choice = fill_seed_;
    for (int64_t i = 0; i < words; ++i) {
      if (!text_.empty()) text_ += ' ';
      text_ += kFillWords[(choice ^ (choice >> 29)) % kFillWords.size()];
      choice = choice * 6364136223846793005U + 1442695040888963407U;
    }
    text_.append(static_cast<size_t>(full_stops), '.');
  }

  std::string text_;
  const int64_t length_;
  const uint64_t fill_seed_;
  bool is_settled_ = false;
  bool is_filling_ = false;
  size_t cut_ = 0;           // being tried
  int64_t fill_words_ = 0;   // behind it
  int64_t full_stops_ = 0;   // behind these
  Cut short_;                // the longest known to be too short; at first the empty one
  std::optional<Cut> long_;  // the shortest known to be too long
  int cuts_ = 0;             // counted
  Cut base_;                 // what is filled up
  std::string dropped_;      // of the text behind it
  int64_t too_few_words_ = 0;
  int64_t too_few_tokens_ = 0;  // that they make, the text included
  int64_t too_many_words_ = std::numeric_limits<int64_t>::max();
  std::optional<Found> best_;
};

}  // namespace

int64_t FirstAim(int64_t length) { return length - std::min<int64_t>(16, length / 64); }

int64_t Surplus(int64_t length) { return 16 + length / 32; }

absl::StatusOr<std::vector<Prompt>> FitExactly(TokenCounter& counter, std::vector<DraftPrompt> drafts) {
  std::vector<Search> searches;
  searches.reserve(drafts.size());
  for (DraftPrompt& draft : drafts) searches.emplace_back(std::move(draft));
  std::vector<Search*> open;
  for (Search& search : searches) open.push_back(&search);
  std::vector<std::string_view> texts;
  for (int round = 0; round < kMostRounds && !open.empty(); ++round) {
    texts.clear();
    for (const Search* search : open) texts.push_back(search->Text());
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll(texts));
    if (counts.size() != texts.size()) return absl::InternalError("a token counter lost a text");
    for (size_t i = 0; i < open.size(); ++i) open[i]->Learn(counts[i]);
    std::erase_if(open, [](const Search* search) { return search->is_settled(); });
  }
  std::vector<Prompt> prompts;
  prompts.reserve(searches.size());
  for (Search& search : searches) prompts.push_back(search.Take());
  return prompts;
}

}  // namespace llmdyno
