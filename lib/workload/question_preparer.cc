#include "llmdyno/workload/question_preparer.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "workload/row_requests.h"

namespace llmdyno {
namespace {

class QuestionPreparer final : public RequestPreparer {
 public:
  QuestionPreparer(std::shared_ptr<const DatasetRows> rows, const QuestionPreparerConfig& config,
                   TokenCounter* counter)
      : rows_(std::move(rows)), config_(config), counts_(*rows_, counter) {}

  absl::StatusOr<std::vector<Request>> Prepare(int64_t count, Rng rng) override {
    assert(count >= 1 && "the interface's contract");
    std::vector<size_t> order(rows_->rows.size());
    std::iota(order.begin(), order.end(), size_t{0});
    Shuffle(order, rng);
    const auto asked = std::min(static_cast<size_t>(count), order.size());
    LLMDYNO_RETURN_IF_ERROR(counts_.Count(std::span(order).first(asked)));
    std::vector<Request> requests;
    requests.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      requests.push_back(Make(i, order[static_cast<size_t>(i) % order.size()]));
    }
    return requests;
  }

 private:
  Request Make(int64_t id, size_t row) const {
    const DatasetRow& from = rows_->rows[row];
    ChatBody body;
    if (!config_.system_prompt.empty()) body.messages.push_back({"system", config_.system_prompt});
    body.messages.push_back({"user", from.prompt, from.image_urls});
    Request request;
    request.id = id;
    request.body = std::move(body);
    SetOutput(config_.max_output_tokens, config_.exact_output, request);
    counts_.Set(row, request);
    return request;
  }

  const std::shared_ptr<const DatasetRows> rows_;
  const QuestionPreparerConfig config_;
  RowTokenCounts counts_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeQuestionPreparer(std::shared_ptr<const DatasetRows> rows,
                                                                      const QuestionPreparerConfig& config,
                                                                      TokenCounter* counter) {
  LLMDYNO_RETURN_IF_ERROR(CheckOutput(rows, config.max_output_tokens, config.exact_output));
  return std::make_unique<QuestionPreparer>(std::move(rows), config, counter);
}

}  // namespace llmdyno
