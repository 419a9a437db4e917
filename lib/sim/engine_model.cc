#include "llmdyno/sim/engine_model.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "llmdyno/base/duration_text.h"

namespace llmdyno {
namespace {

absl::Status NotInRange(const char* field, const std::string& value, const char* expected) {
  return absl::InvalidArgumentError(std::string(field) + "=" + value + ": expected " + expected);
}

}  // namespace

absl::Status EngineConfig::Validate() const {
  if (max_num_seqs < 1) return NotInRange("max_num_seqs", std::to_string(max_num_seqs), "at least 1");
  if (max_num_batched_tokens < 1) {
    return NotInRange("max_num_batched_tokens", std::to_string(max_num_batched_tokens), "at least 1");
  }
  if (!(prefill_tokens_per_second > 0)) {
    return NotInRange("prefill_tokens_per_second", std::to_string(prefill_tokens_per_second), "more than 0");
  }
  // A step that takes no time would let the engine spin without the clock ever moving on.
  if (step_base < std::chrono::microseconds(1)) {
    return NotInRange("step_base", ToString(step_base), "at least 1us");
  }
  if (kv_capacity_tokens < 1) {
    return NotInRange("kv_capacity_tokens", std::to_string(kv_capacity_tokens), "at least 1");
  }
  if (max_waiting < 0) return NotInRange("max_waiting", std::to_string(max_waiting), "0 or more");
  return absl::OkStatus();
}

EngineModel::Admission EngineModel::Submit(SequenceId id, int64_t prompt_tokens, int64_t output_tokens,
                                           TimePoint now) {
  Sequence sequence;
  sequence.id = id;
  // An empty prompt still has its begin-of-sequence token to compute.
  sequence.prompt_tokens = std::max<int64_t>(prompt_tokens, 1);
  sequence.output_tokens = std::max<int64_t>(output_tokens, 1);
  if (sequence.reservation() > config_.kv_capacity_tokens) return Admission::kTooLong;
  // While the engine is idle the sequence goes straight into a step, so max_waiting = 0 still serves.
  if (step_end_.has_value() && waiting() >= config_.max_waiting) return Admission::kOverloaded;
  waiting_places_.emplace(id, places_left_ + waiting_.size());
  waiting_.push_back(sequence);
  if (!step_end_.has_value()) BeginStep(now);
  return Admission::kAccepted;
}

void EngineModel::Cancel(SequenceId id) {
  // Whole queues leave when a run ends: so none is searched for, and none moves.
  if (const auto found = waiting_places_.find(id); found != waiting_places_.end()) {
    waiting_[found->second - places_left_].has_left = true;
    waiting_places_.erase(found);
    return;
  }
  const auto has_id = [id](const Sequence& sequence) { return sequence.id == id; };
  if (const auto found = std::find_if(running_.begin(), running_.end(), has_id); found != running_.end()) {
    kv_reserved_ -= found->reservation();
    running_.erase(found);
  }
}

std::span<const EngineModel::Emission> EngineModel::Step(TimePoint now) {
  emissions_.clear();
  if (!step_end_.has_value() || now < *step_end_) return emissions_;
  const TimePoint end = *step_end_;
  size_t kept = 0;
  for (Sequence& sequence : running_) {
    sequence.prefilled += sequence.step_prefill;
    bool finished = false;
    if (sequence.step_emits) {
      ++sequence.emitted;
      finished = sequence.emitted == sequence.output_tokens;
      emissions_.push_back({sequence.id, 1, finished});
    }
    if (finished) {
      kv_reserved_ -= sequence.reservation();
    } else {
      running_[kept++] = sequence;
    }
  }
  running_.resize(kept);
  step_end_.reset();
  if (!running_.empty() || waiting() > 0) BeginStep(end);
  return emissions_;
}

void EngineModel::BeginStep(TimePoint now) {
  int64_t budget = config_.max_num_batched_tokens - ScheduleDecodes();
  for (Sequence& sequence : running_) {
    if (!sequence.is_decoding()) budget -= SchedulePrefill(sequence, budget);
  }
  AdmitFromQueue(budget);
  step_end_ = now + StepDuration();
}

// Decoding always goes on, even when the batch alone is larger than the token budget.
int64_t EngineModel::ScheduleDecodes() {
  int64_t decodes = 0;
  for (Sequence& sequence : running_) {
    sequence.step_prefill = 0;
    sequence.step_emits = sequence.is_decoding();
    decodes += sequence.step_emits ? 1 : 0;
  }
  return decodes;
}

int64_t EngineModel::SchedulePrefill(Sequence& sequence, int64_t budget) {
  sequence.step_prefill =
      std::clamp<int64_t>(sequence.prompt_tokens - sequence.prefilled, 0, std::max<int64_t>(budget, 0));
  sequence.step_emits = sequence.prefilled + sequence.step_prefill == sequence.prompt_tokens;
  return sequence.step_prefill;
}

void EngineModel::AdmitFromQueue(int64_t& budget) {
  while (budget > 0 && !waiting_.empty() && running() < config_.max_num_seqs) {
    Sequence sequence = waiting_.front();
    const bool fits = kv_reserved_ + sequence.reservation() <= config_.kv_capacity_tokens;
    if (!sequence.has_left && !fits) return;
    waiting_.pop_front();
    ++places_left_;
    if (sequence.has_left) continue;
    waiting_places_.erase(sequence.id);
    kv_reserved_ += sequence.reservation();
    budget -= SchedulePrefill(sequence, budget);
    running_.push_back(sequence);
  }
}

Duration EngineModel::StepDuration() const {
  int64_t decoding = 0;
  int64_t kv_tokens = 0;
  int64_t prefill = 0;
  for (const Sequence& sequence : running_) {
    prefill += sequence.step_prefill;
    if (!sequence.is_decoding()) continue;
    ++decoding;
    kv_tokens += sequence.prompt_tokens + sequence.emitted;
  }
  const double memory_ns =
      static_cast<double>(config_.step_base.count()) +
      static_cast<double>(config_.step_per_sequence.count()) * static_cast<double>(decoding) +
      static_cast<double>(config_.step_per_1000_kv_tokens.count()) * static_cast<double>(kv_tokens) / 1000.0;
  const double compute_ns = static_cast<double>(prefill) / config_.prefill_tokens_per_second * 1e9;
  return Duration(std::llround(std::max(memory_ns, compute_ns)));
}

}  // namespace llmdyno
