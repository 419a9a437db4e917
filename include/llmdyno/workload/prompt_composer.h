// Prompts of exact lengths, put together from the rows of a text pool.
//
// A prompt is an opening of six words that no other prompt has, then rows drawn at random, the last of them
// cut. Engines keep what they have computed of a prompt by its first tokens, so that two prompts that open
// differently have nothing to share, however much text they have in common behind. Where sharing is wanted, a
// common beginning comes before the opening. Scenario preparers ask it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/workload/prompt.h"
#include "llmdyno/workload/text_pool.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// What the prompts of a sweep have in common at their beginning. Lengths of prompts include it.
struct SharedPrefix {
  // So many tokens, exactly. A prompt that is to have no more than these is their beginning, and so the same
  // as any other of its length.
  int64_t tokens = 0;
  // Or this share of each prompt, to within a few words: two prompts have in common what the shorter one
  // shares. 1: nothing but common text.
  double ratio = 0;
  uint64_t seed = 0;  // chooses the text; another one where an earlier sweep must not be remembered

  // The first problem in a sentence, naming the field and the accepted range.
  absl::Status Validate() const;
};

// Where one series of prompts stands; prompts of one series differ from one another in their openings: in the
// whole of it up to 10^14 of them, in the first word up to 376, in the first two up to 141,376, in case that
// a prompt has no room for more.
class PromptSeries {
 public:
  // Of this seed; two series of different seeds open differently.
  explicit PromptSeries(Rng rng) : rng_(rng), next_serial_(rng_.Next() >> 1) {}

  // Draws the rows.
  Rng& rng() { return rng_; }
  // The number of the next opening, each given out once.
  uint64_t TakeSerial() { return next_serial_++; }

 private:
  Rng rng_;
  uint64_t next_serial_;  // begins at random, so that series differ from one another, too
};

// Used by one thread.
class PromptComposer {
 public:
  virtual ~PromptComposer() = default;

  // One prompt of each length, in tokens (1 to 10 million). Prompt::tokens is what the counter said of the
  // finished text: with a tokenizer the length asked for, by a rule of thumb the nearest that it can come to.
  // The same for the same series, whatever was composed before. All prompts of a call are in memory and are
  // counted together. Fails when the counter does.
  virtual absl::StatusOr<std::vector<Prompt>> Compose(std::span<const int64_t> lengths,
                                                      PromptSeries& series) = 0;
};

// Finds out what an opening costs and makes the shared prefix, with a few counts. The counter must outlive
// the composer. InvalidArgument for a prefix that Validate() refuses; otherwise errors are the counter's.
absl::StatusOr<std::unique_ptr<PromptComposer>> MakePromptComposer(std::shared_ptr<const TextPool> pool,
                                                                   const SharedPrefix& prefix,
                                                                   TokenCounter& counter);

}  // namespace llmdyno
