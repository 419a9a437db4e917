// Text to make prompts of: the rows of a dataset, or synthetic prose where there is none, each counted once.
//
// From how many tokens each row has, prompts of any length are put together without counting anything again.
// So that a dataset of a hundred thousand rows does not become a hundred thousand requests to the endpoint's
// tokenizer, only some of its rows are taken, evenly over the whole. Sweeps make one and share it between
// composers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/dataset_rows.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// A row longer than most_row_bytes is cut behind a word.
struct TextPoolLimits {
  int64_t most_rows = 2000;
  int64_t most_bytes = 8 << 20;
  int64_t most_row_bytes = 256 << 10;
};

// Never changes once made; safe to read from several threads.
class TextPool {
 public:
  // Fails when the counter does.
  static absl::StatusOr<std::shared_ptr<const TextPool>> Make(std::span<const std::string_view> texts,
                                                              TokenCounter& counter,
                                                              const TextPoolLimits& limits);

  int64_t size() const { return std::ssize(rows_); }  // rows taken; at least one
  int64_t rows_with_text() const { return rows_with_text_; }
  int64_t tokens() const { return tokens_; }                          // of all rows taken
  TokenCountSource source() const { return source_; }                 // the least trustworthy one
  int64_t row_tokens(size_t row) const { return rows_[row].tokens; }  // at least 1

  // With a space in front, as it stands behind other text; that is how it was counted.
  std::string_view Row(size_t row) const {
    return std::string_view(text_).substr(rows_[row].begin, rows_[row].size);
  }
  // The first words of it, of about so many tokens: at most row_tokens(row). Empty where that is no whole
  // word.
  std::string_view RowStart(size_t row, int64_t tokens) const;

 private:
  struct RowPlace {
    size_t begin = 0;  // in text_
    size_t size = 0;
    int64_t tokens = 0;
  };
  TextPool() = default;

  std::string text_;
  std::vector<RowPlace> rows_;
  int64_t rows_with_text_ = 0;
  int64_t tokens_ = 0;
  TokenCountSource source_ = TokenCountSource::kUsage;
};

// "2,000 of 15,011 rows, 214,332 tokens (tokenizer)".
std::string Describe(const TextPool& pool);

// Rows without any text are left out; InvalidArgument when there are no others. Spaces and line ends around a
// row are dropped.
absl::StatusOr<std::shared_ptr<const TextPool>> MakeTextPool(std::span<const std::string> texts,
                                                             TokenCounter& counter,
                                                             const TextPoolLimits& limits = {});
// The same of the prompts of a dataset's rows. Errors are the same.
absl::StatusOr<std::shared_ptr<const TextPool>> MakeTextPool(const DatasetRows& dataset,
                                                             TokenCounter& counter,
                                                             const TextPoolLimits& limits = {});

// English-like prose that depends on `rng` alone (SyntheticText): 400 rows of 30 to 120 words. Fails when the
// counter does.
absl::StatusOr<std::shared_ptr<const TextPool>> MakeSyntheticTextPool(TokenCounter& counter, Rng rng);

}  // namespace llmdyno
