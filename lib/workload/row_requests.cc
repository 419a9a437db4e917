#include "workload/row_requests.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {

absl::Status RowTokenCounts::Count(std::span<const size_t> rows) {
  if (counter_ == nullptr) return absl::OkStatus();
  std::vector<size_t> missing;
  for (const size_t row : rows) {
    if (!counts_[row]) missing.push_back(row);
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  std::vector<std::string_view> texts;
  for (const size_t row : missing) texts.push_back(rows_.rows[row].prompt);
  if (texts.empty()) return absl::OkStatus();
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter_->CountAll(texts));
  if (counts.size() != missing.size()) return absl::InternalError("a token counter lost a text");
  for (size_t i = 0; i < missing.size(); ++i) counts_[missing[i]] = counts[i];
  return absl::OkStatus();
}

void RowTokenCounts::Set(size_t row, Request& request) const {
  if (counter_ == nullptr || !counts_[row]) return;
  request.prompt_tokens = counts_[row]->tokens;
  request.prompt_tokens_source = counts_[row]->source;
}

absl::Status CheckOutput(const std::shared_ptr<const DatasetRows>& rows,
                         const std::optional<int64_t>& max_output_tokens, bool exact_output) {
  if (rows == nullptr || rows->rows.empty()) {
    return absl::InvalidArgumentError("the dataset has no rows: expected at least one");
  }
  if (max_output_tokens && *max_output_tokens < 1) {
    return absl::InvalidArgumentError("max_output_tokens is " + std::to_string(*max_output_tokens) +
                                      ": expected 1 or more, or nothing for no such limit");
  }
  if (exact_output && !max_output_tokens) {
    return absl::InvalidArgumentError("answers of an exact length were asked for without that length");
  }
  return absl::OkStatus();
}

void SetOutput(const std::optional<int64_t>& max_output_tokens, bool exact_output, Request& request) {
  request.max_output_tokens = max_output_tokens;
  if (exact_output) request.min_output_tokens = max_output_tokens;
}

}  // namespace llmdyno
