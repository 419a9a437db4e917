#include "llmdyno/workload/prompt_composer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/synthetic_text.h"
#include "workload/exact_fit.h"
#include "workload/serial_digits.h"
#include "workload/word_end.h"

namespace llmdyno {
namespace {

constexpr int64_t kMostTokens = 10'000'000;

// Text with what is known of its length: bytes and, by the counts of the rows, about how many tokens.
struct Written {
  std::string text;
  int64_t tokens = 0;
  // Where to cut it first, for some number of tokens named before.
  int64_t aim = 0;
  size_t cut_at_aim = 0;

  // Takes `added`, `added_tokens` long, which is at the end of the text already.
  void Account(size_t added, int64_t added_tokens) {
    if (tokens < aim && tokens + added_tokens >= aim) {
      const double share = static_cast<double>(aim - tokens) / static_cast<double>(added_tokens);
      cut_at_aim = text.size() - added + static_cast<size_t>(static_cast<double>(added) * share);
    }
    tokens += added_tokens;
  }
};

class Writer {
 public:
  static absl::StatusOr<Writer> Make(std::shared_ptr<const TextPool> pool, TokenCounter& counter) {
    Writer writer(std::move(pool));
    constexpr uint64_t kSample = 16;
    std::string openings;
    for (uint64_t serial = 0; serial < kSample; ++serial) {
      writer.digits_.Spell(serial, [&](uint64_t digit) { AppendWord(writer.words_[digit], openings); });
    }
    const std::string_view sample = openings;
    LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll({&sample, 1}));
    if (counts.size() != 1) return absl::InternalError("a token counter lost a text");
    writer.opening_tokens_ = counts[0].tokens / static_cast<int64_t>(kSample);
    return writer;
  }

  void WriteOpening(uint64_t serial, Written& into) const {
    int64_t word = 0;
    digits_.Spell(serial, [&](uint64_t digit) {
      const size_t before = into.text.size();
      AppendWord(words_[digit], into.text);
      into.Account(into.text.size() - before, TokensOfWord(word++));
    });
  }

  void WriteRow(Rng& rng, Written& into) const {
    const size_t row = DrawRow(rng);
    into.text += pool_->Row(row);
    into.Account(pool_->Row(row).size(), pool_->row_tokens(row));
  }

  // Rows drawn at random until there are so many tokens, the last one cut.
  void WriteRows(int64_t tokens, Rng& rng, Written& into) const {
    while (into.tokens < tokens) {
      const size_t row = DrawRow(rng);
      const int64_t row_tokens = pool_->row_tokens(row);
      const int64_t missing = tokens - into.tokens;
      const std::string_view text = row_tokens <= missing ? pool_->Row(row) : pool_->RowStart(row, missing);
      into.text += text;
      into.Account(text.size(), std::min(row_tokens, missing));
    }
  }

  // Room for so many tokens, so that a text grows without being moved.
  void Reserve(int64_t tokens, std::string& text) const {
    text.reserve(static_cast<size_t>(static_cast<double>(tokens) * bytes_per_token_ * 1.1) + 128);
  }

 private:
  explicit Writer(std::shared_ptr<const TextPool> pool) : pool_(std::move(pool)) {
    double bytes = 0;
    for (size_t row = 0; row < static_cast<size_t>(pool_->size()); ++row)
      bytes += static_cast<double>(pool_->Row(row).size());
    bytes_per_token_ = bytes / static_cast<double>(pool_->tokens());
  }

  size_t DrawRow(Rng& rng) const { return static_cast<size_t>(rng.UniformInt(0, pool_->size() - 1)); }

  static void AppendWord(std::string_view word, std::string& text) {
    if (!text.empty()) text += ' ';
    text += word;
  }

  // The tokens of an opening, spread over its words.
  int64_t TokensOfWord(int64_t word) const {
    return opening_tokens_ * (word + 1) / digits_.digits() - opening_tokens_ * word / digits_.digits();
  }

  std::shared_ptr<const TextPool> pool_;
  std::span<const std::string_view> words_ = SyntheticVocabulary();
  SerialDigits digits_{words_.size()};
  int64_t opening_tokens_ = 0;
  double bytes_per_token_ = 4;
};

// The text that all prompts may begin with, continued as far as somebody asks.
class CommonText {
 public:
  CommonText(const Writer& writer, uint64_t seed) : writer_(writer), series_(Rng(seed)) {}

  // About so many tokens of it, up to a word's end.
  std::string_view Start(int64_t tokens) {
    if (tokens <= 0) return {};
    if (written_.text.empty()) {
      writer_.WriteOpening(series_.TakeSerial(), written_);
      ends_.push_back({written_.text.size(), written_.tokens});
    }
    while (written_.tokens < tokens) {
      // Whole rows, so that the text is the same in whichever steps it is asked for.
      writer_.WriteRow(series_.rng(), written_);
      ends_.push_back({written_.text.size(), written_.tokens});
    }
    return std::string_view(written_.text).substr(0, Place(tokens));
  }

 private:
  struct End {
    size_t bytes = 0;
    int64_t tokens = 0;
  };

  size_t Place(int64_t tokens) const {
    const auto end = std::lower_bound(ends_.begin(), ends_.end(), tokens,
                                      [](const End& e, int64_t wanted) { return e.tokens < wanted; });
    const End begin = end == ends_.begin() ? End{} : *std::prev(end);
    const double share =
        static_cast<double>(tokens - begin.tokens) / static_cast<double>(end->tokens - begin.tokens);
    const double bytes = static_cast<double>(end->bytes - begin.bytes) * share;
    return WordEndBefore(written_.text, begin.bytes + static_cast<size_t>(bytes));
  }

  const Writer& writer_;
  PromptSeries series_;
  Written written_;
  std::vector<End> ends_;  // of the opening and of each row
};

class Composer final : public PromptComposer {
 public:
  Composer(Writer writer, const SharedPrefix& prefix, TokenCounter& counter)
      : writer_(std::move(writer)), config_(prefix), counter_(counter), common_(writer_, prefix.seed) {}

  // Common text of exactly as many tokens as were asked for.
  absl::Status MakePrefix() {
    if (config_.tokens == 0) return absl::OkStatus();
    std::vector<DraftPrompt> drafts(1);
    drafts[0].text = common_.Start(config_.tokens + Surplus(config_.tokens));
    drafts[0].first_cut = common_.Start(FirstAim(config_.tokens)).size();
    drafts[0].length = config_.tokens;
    drafts[0].fill_seed = config_.seed;
    LLMDYNO_ASSIGN_OR_RETURN(std::vector<Prompt> prompts, FitExactly(counter_, std::move(drafts)));
    prefix_ = std::move(prompts[0]);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Prompt>> Compose(std::span<const int64_t> lengths,
                                              PromptSeries& series) override {
    std::vector<DraftPrompt> drafts;
    drafts.reserve(lengths.size());
    for (const int64_t length : lengths) {
      if (length < 1 || length > kMostTokens) {
        return absl::InvalidArgumentError("a prompt of " + std::to_string(length) +
                                          " tokens: expected 1 to " + std::to_string(kMostTokens));
      }
      drafts.push_back(Draft(length, series));
    }
    return FitExactly(counter_, std::move(drafts));
  }

 private:
  DraftPrompt Draft(int64_t length, PromptSeries& series) {
    const uint64_t serial = series.TakeSerial();
    if (length <= prefix_.tokens.tokens) return Beginning(length);
    Written written{.aim = FirstAim(length)};
    const int64_t wanted = length + Surplus(length);
    writer_.Reserve(wanted, written.text);
    WritePrefix(length, written);
    writer_.WriteOpening(serial, written);
    writer_.WriteRows(wanted, series.rng(), written);
    return {std::move(written.text), written.cut_at_aim, length, serial};
  }

  // Of the shared prefix; always the same for a length.
  DraftPrompt Beginning(int64_t length) const {
    const double share = static_cast<double>(length) / static_cast<double>(prefix_.tokens.tokens);
    const auto cut = static_cast<size_t>(static_cast<double>(prefix_.text.size()) * share);
    return {prefix_.text, cut, length, config_.seed};
  }

  void WritePrefix(int64_t length, Written& into) {
    int64_t tokens = prefix_.tokens.tokens;
    std::string_view prefix = prefix_.text;
    if (config_.ratio > 0) {
      tokens = std::llround(static_cast<double>(length) * config_.ratio);
      prefix = common_.Start(tokens);
    }
    if (prefix.empty()) return;
    into.text += prefix;
    into.Account(prefix.size(), tokens);
  }

  const Writer writer_;
  const SharedPrefix config_;
  TokenCounter& counter_;
  CommonText common_;
  Prompt prefix_;
};

}  // namespace

absl::Status SharedPrefix::Validate() const {
  if (tokens < 0 || tokens > kMostTokens) {
    return absl::InvalidArgumentError("a shared prefix of " + std::to_string(tokens) +
                                      " tokens: expected 0 (none) to " + std::to_string(kMostTokens));
  }
  if (!(ratio >= 0 && ratio <= 1)) {
    return absl::InvalidArgumentError("a prefix ratio of " + std::to_string(ratio) +
                                      ": expected 0 (nothing is shared) to 1 (everything)");
  }
  if (tokens > 0 && ratio > 0) {
    return absl::InvalidArgumentError(
        "a shared prefix in tokens and a prefix ratio were given: expected one of the two");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<PromptComposer>> MakePromptComposer(std::shared_ptr<const TextPool> pool,
                                                                   const SharedPrefix& prefix,
                                                                   TokenCounter& counter) {
  LLMDYNO_RETURN_IF_ERROR(prefix.Validate());
  LLMDYNO_ASSIGN_OR_RETURN(Writer writer, Writer::Make(std::move(pool), counter));
  auto composer = std::make_unique<Composer>(std::move(writer), prefix, counter);
  LLMDYNO_RETURN_IF_ERROR(composer->MakePrefix());
  return composer;
}

}  // namespace llmdyno
