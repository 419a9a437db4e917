// What tokens add to the server's counters.
#pragma once

#include <cstdint>

#include "server_metrics.h"

namespace llmdyno {

// Used on one thread. The tokens of an engine's step have waited equally long, so they can be counted
// together.
class TokenTally {
 public:
  // With `is_prompt` everything is counted on the spot, as is needed where other threads read the counters;
  // else up to a Flush the last tokens may be missing.
  TokenTally(ServerMetrics& metrics, bool is_prompt) : metrics_(metrics), is_prompt_(is_prompt) {}

  void AddFirst(Duration time_to_first_token, int64_t tokens) {
    metrics_.time_to_first_token.Observe(time_to_first_token);
    Add(tokens);
  }
  // `gap` is that of each.
  void AddLater(Duration gap, int64_t tokens) {
    if (gap != gap_) Flush();
    gap_ = gap;
    gaps_ += tokens;
    Add(tokens);
  }
  void Flush() {
    if (gaps_ > 0) metrics_.time_per_output_token.Observe(gap_, gaps_);
    metrics_.tokens_sent.fetch_add(tokens_, std::memory_order_relaxed);
    gaps_ = tokens_ = 0;
  }

 private:
  void Add(int64_t tokens) {
    tokens_ += tokens;
    if (is_prompt_) Flush();
  }

  ServerMetrics& metrics_;
  const bool is_prompt_;
  Duration gap_{};
  int64_t gaps_ = 0;
  int64_t tokens_ = 0;
};

}  // namespace llmdyno
