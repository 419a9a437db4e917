// What the preparers that send rows of a dataset have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/core/request.h"
#include "llmdyno/workload/dataset_rows.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// How long the prompts of rows are, each counted once. Not thread-safe.
class RowTokenCounts {
 public:
  // No counter: nothing is known. `rows` and the counter must outlive it.
  RowTokenCounts(const DatasetRows& rows, TokenCounter* counter)
      : rows_(rows), counter_(counter), counts_(counter == nullptr ? 0 : rows.rows.size()) {}

  // Counts those rows that were not yet.
  absl::Status Count(std::span<const size_t> rows);
  // Fills in what is known.
  void Set(size_t row, Request& request) const;

 private:
  const DatasetRows& rows_;
  TokenCounter* const counter_;
  std::vector<std::optional<TokenCount>> counts_;
};

// The limits of the answer as both configurations have them.
absl::Status CheckOutput(const std::shared_ptr<const DatasetRows>& rows,
                         const std::optional<int64_t>& max_output_tokens, bool exact_output);
void SetOutput(const std::optional<int64_t>& max_output_tokens, bool exact_output, Request& request);

}  // namespace llmdyno
