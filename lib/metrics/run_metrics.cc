#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

std::optional<double> ArrivalSummary::UpperBoundShare() const {
  if (events == 0) return std::nullopt;
  return static_cast<double>(upper_bounds) / static_cast<double>(events);
}

}  // namespace llmdyno
