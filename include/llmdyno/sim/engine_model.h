// A continuous-batching inference engine as a state machine: no sockets, no threads, no clock. The simulated
// endpoint drives it in real time; a simulation drives it in virtual time; both get the same tokens at the
// same instants.
//
// The engine works in steps. A step is composed when it begins and its tokens appear when it ends:
//   1. every sequence that is decoding gets one token;
//   2. what is left of max_num_batched_tokens prefills sequences already admitted, then the head of the
//      waiting queue (first come, first served) while a slot and enough KV cache for its prompt and its whole
//      output are free. Nothing overtakes a head that does not fit, and nothing is ever preempted.
// The step that completes a prompt also yields that sequence's first token. A step lasts as long as the
// slower of reading memory (weights, KV cache, a fixed cost per sequence) and computing (prefill), the
// roofline model:
//   max(step_base + decoding * step_per_sequence + kv_tokens * step_per_1000_kv_tokens / 1000,
//       prefill_tokens / prefill_tokens_per_second)
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// The engine's limits and how long its work takes.
struct EngineConfig {
  int64_t max_num_seqs = 256;             // sequences in the batch at once
  int64_t max_num_batched_tokens = 2048;  // tokens per step, decoding and prefill together (chunked prefill)
  double prefill_tokens_per_second = 10'000;
  Duration step_base = std::chrono::milliseconds(20);  // reading the weights once
  Duration step_per_sequence{0};                       // sampling, scheduling: per decoding sequence
  Duration step_per_1000_kv_tokens{0};                 // reading the cache of the decoding sequences
  int64_t kv_capacity_tokens = 100'000;                // prompts and outputs that fit at once
  int64_t max_waiting = 100'000;                       // a longer queue refuses: overloaded

  // The first field out of range, as a sentence. InvalidArgument.
  absl::Status Validate() const;
};

// Not thread-safe. Instants passed in must not go backwards.
class EngineModel {
 public:
  // Chosen by the caller.
  using SequenceId = uint64_t;
  // What became of a sequence that was submitted.
  enum class Admission {
    kAccepted,
    kOverloaded,  // the waiting queue is full
    kTooLong,     // prompt and output together exceed the whole KV cache
  };
  // What one step gave to one sequence.
  struct Emission {
    SequenceId id = 0;
    int64_t tokens = 0;
    bool finished = false;
    bool operator==(const Emission&) const = default;
  };

  // Needs a config that Validate() accepts.
  explicit EngineModel(const EngineConfig& config) : config_(config) {}

  // Queues a sequence; an idle engine begins a step at `now`. Ids must be unique among live sequences;
  // prompt_tokens >= 0, output_tokens >= 1 (an embedding is a sequence with one output token).
  Admission Submit(SequenceId id, int64_t prompt_tokens, int64_t output_tokens, TimePoint now);

  // Forgets a sequence wherever it is; it emits nothing more. Unknown ids are ignored.
  void Cancel(SequenceId id);

  // When the step in progress ends, or nothing while the engine is idle.
  std::optional<TimePoint> NextStepAt() const { return step_end_; }

  // Ends the step in progress and begins the next at the instant at which it was due, so that a late caller
  // loses nothing; call again while NextStepAt() <= now. Returns the sequences that got tokens, in batch
  // order; the span is valid until the next call. Before NextStepAt() it returns nothing.
  std::span<const Emission> Step(TimePoint now);

  int64_t running() const { return static_cast<int64_t>(running_.size()); }
  int64_t waiting() const { return static_cast<int64_t>(waiting_places_.size()); }
  // KV-cache tokens that running sequences have reserved.
  int64_t kv_reserved_tokens() const { return kv_reserved_; }
  const EngineConfig& config() const { return config_; }

 private:
  struct Sequence {
    SequenceId id = 0;
    int64_t prompt_tokens = 0;
    int64_t output_tokens = 0;
    int64_t prefilled = 0;  // of the prompt
    int64_t emitted = 0;    // of the output
    // What the step in progress does for it.
    int64_t step_prefill = 0;
    bool step_emits = false;
    bool has_left = false;  // cancelled while it waited

    bool is_decoding() const { return emitted > 0; }
    int64_t reservation() const { return prompt_tokens + output_tokens; }
  };

  void BeginStep(TimePoint now);
  int64_t ScheduleDecodes();
  int64_t SchedulePrefill(Sequence& sequence, int64_t budget);
  void AdmitFromQueue(int64_t& budget);
  Duration StepDuration() const;

  EngineConfig config_;
  std::deque<Sequence> waiting_;  // those that were cancelled, too
  // Of the others, counted from the first of all.
  std::unordered_map<SequenceId, uint64_t> waiting_places_;
  uint64_t places_left_ = 0;       // places before the front of waiting_
  std::vector<Sequence> running_;  // in order of admission
  std::vector<Emission> emissions_;
  std::optional<TimePoint> step_end_;
  int64_t kv_reserved_ = 0;
};

}  // namespace llmdyno
