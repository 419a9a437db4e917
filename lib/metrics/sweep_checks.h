// What a sweep says beside its figures: were lengths as asked for, and what did the service report of itself.
#pragma once

#include <cstdint>

#include "llmdyno/core/record.h"
#include "llmdyno/metrics/sweep_metrics.h"

namespace llmdyno {

// Both of a success.
void Count(const RequestRecord& record, InputLengthCheck& check);
void Count(const RequestRecord& record, int64_t num_completions, OutputLengthCheck& check);

// What services report, summed up. Thread-compatible.
class UsageExtrasTally {
 public:
  void Add(const RequestRecord& record);  // of a success
  UsageExtras Build() const;

 private:
  UsageExtras so_far_;
  int64_t input_tokens_of_cached_ = 0;  // of the requests that reported cached tokens
};

}  // namespace llmdyno
