#include "llmdyno/workload/text_pool.h"

#include <algorithm>
#include <utility>

#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "llmdyno/workload/synthetic_text.h"
#include "workload/word_end.h"

namespace llmdyno {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// What is left of each text, without those of which nothing is.
std::vector<std::string_view> TrimAll(std::span<const std::string_view> texts, int64_t most_row_bytes) {
  std::vector<std::string_view> rows;
  rows.reserve(texts.size());
  for (const std::string_view text : texts) {
    std::string_view row = Trim(text);
    if (std::ssize(row) > most_row_bytes)
      row = row.substr(0, WordEndBefore(row, static_cast<size_t>(most_row_bytes)));
    if (!row.empty()) rows.push_back(row);
  }
  return rows;
}

// How many of the rows keep within the limits when they are taken evenly.
int64_t RowsToTake(const std::vector<std::string_view>& rows, const TextPoolLimits& limits) {
  double bytes = 0;
  for (const std::string_view row : rows) bytes += static_cast<double>(row.size());
  const double rows_per_byte = static_cast<double>(rows.size()) / bytes;
  const auto fitting = static_cast<int64_t>(static_cast<double>(limits.most_bytes) * rows_per_byte);
  return std::clamp<int64_t>(std::min(limits.most_rows, fitting), 1, std::ssize(rows));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TextPool>> TextPool::Make(std::span<const std::string_view> texts,
                                                               TokenCounter& counter,
                                                               const TextPoolLimits& limits) {
  const std::vector<std::string_view> rows = TrimAll(texts, limits.most_row_bytes);
  if (rows.empty()) {
    return absl::InvalidArgumentError(
        "there is no text to make prompts of: " + WithThousands(std::ssize(texts)) +
        " rows were given, all of them empty");
  }
  std::shared_ptr<TextPool> pool(new TextPool);
  pool->rows_with_text_ = std::ssize(rows);
  const int64_t taken = RowsToTake(rows, limits);
  for (int64_t i = 0; i < taken; ++i) {
    const std::string_view row = rows[static_cast<size_t>(i * std::ssize(rows) / taken)];
    pool->rows_.push_back({pool->text_.size(), row.size() + 1, 0});
    (pool->text_ += ' ') += row;
  }
  std::vector<std::string_view> counted;
  for (size_t row = 0; row < pool->rows_.size(); ++row) counted.push_back(pool->Row(row));
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll(counted));
  if (counts.size() != counted.size()) return absl::InternalError("a token counter lost a text");
  for (size_t row = 0; row < counts.size(); ++row) {
    pool->rows_[row].tokens = std::max<int64_t>(1, counts[row].tokens);
    pool->tokens_ += pool->rows_[row].tokens;
    pool->source_ = std::max(pool->source_, counts[row].source);
  }
  return pool;
}

std::string_view TextPool::RowStart(size_t row, int64_t tokens) const {
  const RowPlace& place = rows_[row];
  const std::string_view text = Row(row);
  const double share = static_cast<double>(tokens) / static_cast<double>(place.tokens);
  return text.substr(0, WordEndBefore(text, static_cast<size_t>(static_cast<double>(place.size) * share)));
}

std::string Describe(const TextPool& pool) {
  const std::string rows = WithThousands(pool.size());
  const std::string all = WithThousands(pool.rows_with_text());
  return rows + (rows == all ? "" : " of " + all) + " rows, " + WithThousands(pool.tokens()) + " tokens (" +
         std::string(ToString(pool.source())) + ")";
}

absl::StatusOr<std::shared_ptr<const TextPool>> MakeTextPool(std::span<const std::string> texts,
                                                             TokenCounter& counter,
                                                             const TextPoolLimits& limits) {
  return TextPool::Make(std::vector<std::string_view>(texts.begin(), texts.end()), counter, limits);
}

absl::StatusOr<std::shared_ptr<const TextPool>> MakeTextPool(const DatasetRows& dataset,
                                                             TokenCounter& counter,
                                                             const TextPoolLimits& limits) {
  std::vector<std::string_view> texts;
  texts.reserve(dataset.rows.size());
  for (const DatasetRow& row : dataset.rows) texts.emplace_back(row.prompt);
  return TextPool::Make(texts, counter, limits);
}

absl::StatusOr<std::shared_ptr<const TextPool>> MakeSyntheticTextPool(TokenCounter& counter, Rng rng) {
  constexpr size_t kRows = 400;
  Rng lengths(rng.Next());
  SyntheticText writer(rng);
  std::vector<std::string> rows(kRows);
  for (std::string& row : rows) writer.Write(lengths.UniformInt(30, 120), row);
  return MakeTextPool(rows, counter);
}

}  // namespace llmdyno
