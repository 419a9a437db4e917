#include "llmdyno/workload/conversation_source.h"

#include <array>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "workload/request_wrapper.h"

namespace llmdyno {
namespace {

// Which conversation comes when. A random order is drawn one turn at a time (the first half of a shuffle by
// Fisher and Yates is a draw without replacement), so that no turn has to wait until millions are shuffled.
class Turns {
 public:
  Turns(int64_t size, PromptOrder order, Rng rng) : size_(size), rng_(rng) {
    if (order == PromptOrder::kAsGiven) return;
    shuffled_.resize(static_cast<size_t>(size));
    std::iota(shuffled_.begin(), shuffled_.end(), uint32_t{0});
  }

  bool is_sequential() const { return shuffled_.empty(); }

  int64_t Next() {
    if (next_ == size_) next_ = 0;
    const int64_t turn = next_++;
    if (is_sequential()) return turn;
    std::swap(shuffled_[static_cast<size_t>(turn)],
              shuffled_[static_cast<size_t>(rng_.UniformInt(turn, size_ - 1))]);
    return shuffled_[static_cast<size_t>(turn)];
  }

 private:
  const int64_t size_;
  Rng rng_;
  std::vector<uint32_t> shuffled_;  // 4 bytes a row; a file of 2^32 rows would not fit into any index
  int64_t next_ = 0;
};

std::string JoinContents(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) text += (text.empty() ? "" : "\n\n") + message.content;
  return text;
}

class ConversationSource final : public RequestSource {
 public:
  ConversationSource(std::shared_ptr<ConversationDataset> dataset, const ConversationSourceConfig& config,
                     Rng rng, Diagnostics diagnostics)
      : dataset_(std::move(dataset)),
        wrapper_(config.request),
        diagnostics_(std::move(diagnostics)),
        turns_(dataset_->size(), config.order, rng) {
    for (int64_t& index : coming_) index = Announce();
  }

  NextRequest Next(TimePoint /*now*/) override {
    if (broken_ || wrapper_.exhausted()) return Exhausted{};
    const int64_t index = std::exchange(coming_[next_coming_], Announce());
    next_coming_ = (next_coming_ + 1) % coming_.size();
    const absl::StatusOr<const Conversation*> conversation = dataset_->Read(index);
    if (!conversation.ok()) {
      broken_ = true;
      diagnostics_.Warn(std::string(conversation.status().message()) + "; no more requests are sent");
      return Exhausted{};
    }
    return MakeRequest(**conversation);
  }

 private:
  // How many requests ahead the disk is asked for a row.
  static constexpr size_t kAhead = 64;

  int64_t Announce() {
    const int64_t index = turns_.Next();
    dataset_->WillRead(index, turns_.is_sequential());
    return index;
  }

  Request MakeRequest(const Conversation& conversation) {
    Request request = wrapper_.Begin({conversation.estimated_tokens, TokenCountSource::kEstimated});
    if (conversation.output_tokens) request.max_output_tokens = conversation.output_tokens;
    if (wrapper_.config().body == PromptBody::kCompletion) {
      request.body = CompletionBody{JoinContents(conversation.messages)};
    } else {
      request.body = ChatBody{conversation.messages};
    }
    return request;
  }

  const std::shared_ptr<ConversationDataset> dataset_;
  RequestWrapper wrapper_;
  const Diagnostics diagnostics_;
  Turns turns_;
  std::array<int64_t, kAhead> coming_ = {};  // the next conversations, a ring
  size_t next_coming_ = 0;
  bool broken_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RequestSource>> MakeConversationSource(
    std::shared_ptr<ConversationDataset> dataset, const ConversationSourceConfig& config, Rng rng,
    const Diagnostics& diagnostics) {
  LLMDYNO_RETURN_IF_ERROR(config.request.Validate());
  if (dataset == nullptr) return absl::InvalidArgumentError("there is no dataset to send");
  return std::make_unique<ConversationSource>(std::move(dataset), config, rng, diagnostics);
}

}  // namespace llmdyno
