#include "llmdyno/load/closed_loop.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/number_text.h"
#include "llmdyno/base/status_macros.h"
#include "load/later.h"

namespace llmdyno {
namespace {

constexpr int64_t kMaxUsers = 10'000'000;  // a few hundred megabytes of turns; no endpoint serves as many
constexpr Duration kShortestBackoff = std::chrono::milliseconds(1);
constexpr Duration kLongestWait = std::chrono::hours(24);

absl::Status CheckRange(std::string_view field, Duration value, Duration low, Duration high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(field) + " is " + ToString(value) + ": expected " +
                                    ToString(low) + " to " + ToString(high));
}

// A user's right to send its next request.
struct Turn {
  TimePoint due;
  uint64_t order = 0;  // among equals the one that has waited longest goes first
  int64_t user_id = 0;

  // For the standard heap functions, which keep the "largest" in front.
  friend bool operator<(const Turn& a, const Turn& b) {
    return std::tie(b.due, b.order) < std::tie(a.due, a.order);
  }
};

// Users who have begun and have nothing in flight wait in a heap; those who have not begun yet need no
// memory, because user k's first turn is known from k.
class ClosedLoop final : public LoadModel {
 public:
  ClosedLoop(const ClosedLoopConfig& config, Rng rng)
      : config_(config), rng_(rng), failures_(static_cast<size_t>(config.users)) {
    waiting_.reserve(static_cast<size_t>(config.users));
  }

  LoadDecision Next(const LoadState& state) override {
    announced_ = EarliestTurn(state);
    if (announced_) return IssueAt{announced_->due, announced_->user_id};
    assert(state.in_flight > 0 && "no user waits, so each has a request under way");
    return AwaitCompletion{};
  }

  void OnIssued(const LoadState& /*state*/) override {
    assert(announced_ && "only what Next announced can be issued");
    if (announced_->user_id == begun_) {
      ++begun_;
    } else {
      RemoveWaiting(announced_->order);
    }
    announced_.reset();
  }

  void OnFinished(int64_t user_id, const Outcome& outcome, const LoadState& state) override {
    waiting_.push_back({Later(state.now, WaitAfter(user_id, outcome)), ++last_order_, user_id});
    std::push_heap(waiting_.begin(), waiting_.end());
  }

  std::optional<int64_t> user_count() const override { return config_.users; }
  int64_t active_users(const LoadState& /*state*/) const override { return begun_; }

 private:
  std::optional<Turn> EarliestTurn(const LoadState& state) const {
    std::optional<Turn> earliest;
    if (!waiting_.empty()) earliest = waiting_.front();
    if (begun_ < config_.users) {
      const Turn first_turn{FirstTurn(begun_, state.started_at), 0, begun_};
      if (!earliest || *earliest < first_turn) earliest = first_turn;
    }
    return earliest;
  }

  TimePoint FirstTurn(int64_t user_id, TimePoint started_at) const {
    if (config_.ramp_users_per_second == 0) return started_at;
    return Later(started_at, FromSeconds(static_cast<double>(user_id) / config_.ramp_users_per_second));
  }

  void RemoveWaiting(uint64_t order) {
    if (waiting_.front().order == order) {
      std::pop_heap(waiting_.begin(), waiting_.end());
      waiting_.pop_back();
      return;
    }
    // Somebody's request ended, with an earlier turn, between Next and OnIssued. No loop that asks before it
    // sends gets here, so this need not be fast, only right.
    std::erase_if(waiting_, [order](const Turn& turn) { return turn.order == order; });
    std::make_heap(waiting_.begin(), waiting_.end());
  }

  Duration WaitAfter(int64_t user_id, const Outcome& outcome) {
    uint32_t& failures = failures_[static_cast<size_t>(user_id)];
    if (outcome.ok()) failures = 0;
    if (outcome.ok() || outcome.cls == OutcomeClass::kCancelled) return Duration::zero();

    Duration backoff = config_.first_backoff;
    for (uint32_t i = 0; i < failures && backoff < config_.max_backoff; ++i) backoff *= 2;
    backoff = std::min(backoff, config_.max_backoff);
    ++failures;
    // Half to one and a half times, so that users who failed together do not come back together.
    const Duration jittered(std::llround(static_cast<double>(backoff.count()) * (0.5 + rng_.UniformReal())));
    const Duration asked = std::min(outcome.retry_after.value_or(Duration::zero()), config_.max_retry_after);
    return std::max(jittered, asked);
  }

  const ClosedLoopConfig config_;
  Rng rng_;
  std::vector<uint32_t> failures_;  // of each user, in a row
  std::vector<Turn> waiting_;       // a heap, earliest in front; its memory is reserved for all users
  uint64_t last_order_ = 0;
  int64_t begun_ = 0;  // users 0 … begun_-1 have sent their first request
  std::optional<Turn> announced_;
};

}  // namespace

absl::Status ClosedLoopConfig::Validate() const {
  if (users < 1 || users > kMaxUsers) {
    return absl::InvalidArgumentError("users is " + std::to_string(users) + ": expected 1 to " +
                                      WithThousands(kMaxUsers));
  }
  if (!std::isfinite(ramp_users_per_second) || ramp_users_per_second < 0) {
    return absl::InvalidArgumentError(
        "ramp_users_per_second is " + std::to_string(ramp_users_per_second) +
        ": expected a number of users per second, or 0 to let all begin at once");
  }
  LLMDYNO_RETURN_IF_ERROR(CheckRange("first_backoff", first_backoff, kShortestBackoff, kLongestWait));
  LLMDYNO_RETURN_IF_ERROR(CheckRange("max_backoff", max_backoff, first_backoff, kLongestWait));
  return CheckRange("max_retry_after", max_retry_after, Duration::zero(), kLongestWait);
}

absl::StatusOr<std::unique_ptr<LoadModel>> MakeClosedLoop(const ClosedLoopConfig& config, Rng rng) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  return std::make_unique<ClosedLoop>(config, rng);
}

}  // namespace llmdyno
