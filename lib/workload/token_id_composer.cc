#include "workload/token_id_composer.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

std::vector<int32_t> VocabularyOf(const std::vector<std::vector<int32_t>>& rows) {
  std::vector<int32_t> ids;
  for (const std::vector<int32_t>& row : rows) ids.insert(ids.end(), row.begin(), row.end());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

absl::StatusOr<TokenIdComposer> TokenIdComposer::Make(const TextPool& pool, const SharedPrefix& prefix,
                                                      TokenCounter& counter) {
  LLMDYNO_RETURN_IF_ERROR(prefix.Validate());
  std::vector<std::string_view> texts;
  for (size_t row = 0; row < static_cast<size_t>(pool.size()); ++row) texts.push_back(pool.Row(row));
  LLMDYNO_ASSIGN_OR_RETURN(std::vector<std::vector<int32_t>> rows, counter.TokenIds(texts));
  std::erase_if(rows, [](const std::vector<int32_t>& row) { return row.empty(); });
  if (rows.empty()) {
    return absl::InvalidArgumentError("the endpoint's tokenizer found no tokens in " +
                                      std::to_string(texts.size()) + " rows of text");
  }
  return TokenIdComposer(prefix, std::move(rows));
}

TokenIdComposer::TokenIdComposer(const SharedPrefix& prefix, std::vector<std::vector<int32_t>> rows)
    : config_(prefix),
      rows_(std::move(rows)),
      vocabulary_(VocabularyOf(rows_)),
      digits_(vocabulary_.size()),
      common_series_(Rng(prefix.seed)) {}

std::vector<int32_t> TokenIdComposer::Compose(int64_t length, PromptSeries& series) {
  const auto wanted = static_cast<size_t>(length);
  const int64_t shared = config_.ratio > 0 ? std::llround(static_cast<double>(length) * config_.ratio)
                                           : std::min(length, config_.tokens);
  ExtendCommon(static_cast<size_t>(shared));
  std::vector<int32_t> ids;
  ids.reserve(wanted + 1024);
  ids.assign(common_.begin(), common_.begin() + shared);
  AppendOpening(series, ids);
  while (ids.size() < wanted) AppendRow(series, ids);
  ids.resize(wanted);
  return ids;
}

void TokenIdComposer::ExtendCommon(size_t length) {
  if (length > 0 && common_.empty()) AppendOpening(common_series_, common_);
  while (common_.size() < length) AppendRow(common_series_, common_);
}

void TokenIdComposer::AppendOpening(PromptSeries& series, std::vector<int32_t>& ids) const {
  digits_.Spell(series.TakeSerial(), [&](uint64_t digit) { ids.push_back(vocabulary_[digit]); });
}

void TokenIdComposer::AppendRow(PromptSeries& series, std::vector<int32_t>& ids) const {
  const auto row = static_cast<size_t>(series.rng().UniformInt(0, std::ssize(rows_) - 1));
  ids.insert(ids.end(), rows_[row].begin(), rows_[row].end());
}

}  // namespace llmdyno
