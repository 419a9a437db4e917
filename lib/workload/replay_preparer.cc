#include "llmdyno/workload/replay_preparer.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "workload/row_requests.h"

namespace llmdyno {
namespace {

class ReplayPreparer final : public RequestPreparer {
 public:
  ReplayPreparer(std::shared_ptr<const DatasetRows> rows, const ReplayPreparerConfig& config,
                 TokenCounter* counter)
      : rows_(std::move(rows)), config_(config), counts_(*rows_, counter) {}

  absl::StatusOr<std::vector<Request>> Prepare(int64_t count, Rng /*rng*/) override {
    assert(count >= 1 && "the interface's contract");
    std::vector<size_t> order(static_cast<size_t>(std::min(count, std::ssize(rows_->rows))));
    std::iota(order.begin(), order.end(), size_t{0});
    LLMDYNO_RETURN_IF_ERROR(counts_.Count(order));
    std::vector<Request> requests;
    requests.reserve(order.size());
    for (const size_t row : order) requests.push_back(Make(row));
    return requests;
  }

  std::optional<int64_t> size() const override { return std::ssize(rows_->rows); }

 private:
  Request Make(size_t row) const {
    const DatasetRow& from = rows_->rows[row];
    Request request;
    request.id = static_cast<int64_t>(row);
    if (config_.wording == PromptBody::kCompletion) {
      request.body = CompletionBody{from.prompt};
    } else {
      request.body = ChatBody{{{"user", from.prompt, from.image_urls}}};
    }
    SetOutput(config_.max_output_tokens, config_.exact_output, request);
    counts_.Set(row, request);
    return request;
  }

  const std::shared_ptr<const DatasetRows> rows_;
  const ReplayPreparerConfig config_;
  RowTokenCounts counts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeReplayPreparer(std::shared_ptr<const DatasetRows> rows,
                                                                    const ReplayPreparerConfig& config,
                                                                    TokenCounter* counter) {
  LLMDYNO_RETURN_IF_ERROR(CheckOutput(rows, config.max_output_tokens, config.exact_output));
  const auto has_image = [](const DatasetRow& row) { return !row.image_urls.empty(); };
  if (config.wording == PromptBody::kCompletion &&
      std::any_of(rows->rows.begin(), rows->rows.end(), has_image)) {
    return absl::InvalidArgumentError(
        "the dataset has pictures, for which a bare completion has no place: expected chat messages, or no "
        "image_column");
  }
  return std::make_unique<ReplayPreparer>(std::move(rows), config, counter);
}

}  // namespace llmdyno
