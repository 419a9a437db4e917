// Was the warm-up long enough? The first requests of a run open connections and fill caches, the endpoint's
// and the client's; when they are in the figures, the figures are those of a cold endpoint. RunMetricsBuilder
// calls it; the verdict reads the answer. A pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmdyno/base/time.h"

namespace llmdyno {

// When a request was sent, and how long its first text took (its whole answer where nothing was streamed).
struct AnswerDelay {
  TimePoint sent_at;
  double delay_ms = 0;
};

// How much slower the first requests were, and whether that can be chance.
struct EarlySlowness {
  double ratio = 1;     // median delay of the first tenth of the requests / that of the second half
  double p_value = 1;   // one-sided: that the first tenth is no slower
  double first_ms = 0;  // both medians
  double later_ms = 0;
  int64_t first = 0;  // requests of each
  int64_t later = 0;
};

// The test of Mann and Whitney between the first tenth of the requests, in the order of their sends, and the
// second half; its error is made larger as neighbours of the second half are alike. Nothing below 100
// requests, nor when the run began with a burst (the first tenth was sent at more than twice the rate of the
// second half): then the first requests queue behind one another, warm or cold. Takes the delays in any
// order.
std::optional<EarlySlowness> FindEarlySlowness(std::vector<AnswerDelay> delays);

}  // namespace llmdyno
