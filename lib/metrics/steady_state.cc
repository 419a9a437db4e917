#include "llmdyno/metrics/steady_state.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <string>
#include <utility>

#include "metrics/token_buckets.h"

namespace llmdyno {
namespace {

int64_t BytesOf(const AnswerTimes& answer) {
  return static_cast<int64_t>(sizeof answer + answer.arrivals.capacity_bytes());
}

}  // namespace

absl::Status SteadyStateConfig::Validate() const {
  if (bucket < std::chrono::milliseconds(1)) {
    return absl::InvalidArgumentError("the bucket of the steady state is " +
                                      std::to_string(ToMilliseconds(bucket)) + " ms: expected 1 ms or more");
  }
  if (!(threshold > 0 && threshold <= 1)) {
    return absl::InvalidArgumentError("the threshold of the steady state is " + std::to_string(threshold) +
                                      ": expected above 0 and at most 1");
  }
  if (max_kept_bytes < 0) {
    return absl::InvalidArgumentError("max_kept_bytes is " + std::to_string(max_kept_bytes) +
                                      ": expected 0 or more");
  }
  return absl::OkStatus();
}

struct SteadyStateMeter::State {
  void PutOldestIntoBuckets();

  SteadyStateConfig config;
  std::optional<TimePoint> first_send_at;
  TimePoint last_end_at;
  std::deque<AnswerTimes> kept;  // grows without moving what is there: the loop thread has no time for that
  int64_t kept_bytes = 0;
  std::optional<TokenBuckets> buckets;  // of what is no longer kept
};

SteadyStateMeter::SteadyStateMeter(SteadyStateConfig config) : state_(std::make_unique<State>()) {
  assert(config.Validate().ok() && "settings of the user are judged where they are read");
  state_->config = config;
}
SteadyStateMeter::~SteadyStateMeter() = default;
SteadyStateMeter::SteadyStateMeter(SteadyStateMeter&&) noexcept = default;
SteadyStateMeter& SteadyStateMeter::operator=(SteadyStateMeter&&) noexcept = default;

void SteadyStateMeter::OnRecord(const RequestRecord& record) {
  if (record.phase == RunPhase::kWarmUp || !record.outcome.ok()) return;
  State& state = *state_;
  state.last_end_at = state.first_send_at ? std::max(state.last_end_at, record.ended_at) : record.ended_at;
  state.first_send_at = std::min(state.first_send_at.value_or(record.started_at), record.started_at);
  AnswerTimes answer{.sent_at = record.started_at,
                     .first_text_at = std::nullopt,
                     .ended_at = record.ended_at,
                     .output_tokens = static_cast<double>(record.output_tokens.tokens),
                     .arrivals = {}};
  if (record.streamed) {
    answer.first_text_at = record.first_text_at;
    answer.arrivals = record.arrivals;
  }
  state.kept_bytes += BytesOf(answer);
  state.kept.push_back(std::move(answer));
  // One by one, for the same reason.
  while (state.kept_bytes > state.config.max_kept_bytes) state.PutOldestIntoBuckets();
}

void SteadyStateMeter::State::PutOldestIntoBuckets() {
  if (!buckets) buckets.emplace(*first_send_at, config.bucket);
  kept_bytes -= BytesOf(kept.front());
  buckets->Add(kept.front());
  kept.pop_front();
}

std::optional<SteadyState> SteadyStateMeter::Build() const {
  const State& state = *state_;
  if (!state.first_send_at || state.last_end_at <= *state.first_send_at) return std::nullopt;
  TokenBuckets buckets = state.buckets.value_or(TokenBuckets(*state.first_send_at, state.config.bucket));
  for (const AnswerTimes& answer : state.kept) buckets.Add(answer);
  return buckets.Judge(*state.first_send_at, state.last_end_at, state.config.threshold);
}

}  // namespace llmdyno
