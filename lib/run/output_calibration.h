// Learns how an endpoint's streamed events and bytes of text relate to its own token counts, from responses
// that carried usage, for those that do not.
#pragma once

#include <cstdint>

#include "llmdyno/core/token_count.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

class OutputCalibration {
 public:
  void Learn(int64_t events, int64_t text_bytes, int64_t tokens) {
    per_event_.Learn(events, tokens);
    per_byte_.Learn(text_bytes, tokens);
  }

  // The count for a response without usage. Streams are counted by their events: nearly every engine sends
  // one token in each, and where it does not the ratio has been learnt.
  TokenCount Count(bool streamed, int64_t events, int64_t text_bytes) const {
    if (streamed && per_event_.has_data())
      return {per_event_.TokensFor(events), TokenCountSource::kCalibrated};
    if (streamed) return {events, TokenCountSource::kEvents};
    if (per_byte_.has_data()) return {per_byte_.TokensFor(text_bytes), TokenCountSource::kCalibrated};
    return {(text_bytes + 3) / 4, TokenCountSource::kEstimated};  // about four bytes to a token of English
  }

 private:
  TokenCalibration per_event_;
  TokenCalibration per_byte_;
};

}  // namespace llmdyno
