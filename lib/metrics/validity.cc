#include "llmdyno/metrics/validity.h"

#include <algorithm>
#include <cstdio>

namespace llmdyno {
namespace {

std::string Fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string Milliseconds(Duration duration) { return Fixed(ToMilliseconds(duration), 1) + " ms"; }
std::string Percent(double share) { return Fixed(100 * share, 1) + " %"; }

std::string Times(int64_t count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

Duration ReadLagLimit(const ClientHealth& health, const ValidityThresholds& thresholds) {
  const bool kernel = health.arrival_clock == ArrivalClock::kKernel;
  return kernel ? thresholds.max_read_lag_p99_kernel : thresholds.max_read_lag_p99_wake_up;
}

std::string Lighter(LoadLever lever) {
  return lever == LoadLever::kUsers ? "use fewer users" : "offer a lower rate";
}

void JudgeLags(const ClientHealth& health, const ValidityThresholds& thresholds, LoadLever lever,
               Validity& verdict) {
  if (!health.send_lag_p99) {
    verdict.unknown.push_back("send lag");
  } else if (*health.send_lag_p99 > thresholds.max_send_lag_p99) {
    verdict.reasons.push_back("requests were sent late: 1 % of them more than " +
                              Milliseconds(*health.send_lag_p99) + " after their time (limit " +
                              Milliseconds(thresholds.max_send_lag_p99) + "); " + Lighter(lever) +
                              " or use a faster client machine");
  }
  if (!health.read_lag_p99) {
    verdict.unknown.push_back("read lag");
  } else if (const Duration limit = ReadLagLimit(health, thresholds); *health.read_lag_p99 > limit) {
    verdict.reasons.push_back("the client read late: 1 % of the reads came more than " +
                              Milliseconds(*health.read_lag_p99) + " after the data (limit " +
                              Milliseconds(limit) + "); " + Lighter(lever) +
                              " or give the client a core of its own");
  }
}

void JudgeLoop(const ClientHealth& health, const ValidityThresholds& thresholds, Validity& verdict) {
  if (!health.loop_cpu_share) {
    verdict.unknown.push_back("CPU share of the loop thread");
  } else if (*health.loop_cpu_share > thresholds.max_loop_cpu_share) {
    verdict.reasons.push_back(
        "the client's loop was busy " + Percent(*health.loop_cpu_share) + " of the time (limit " +
        Percent(thresholds.max_loop_cpu_share) +
        "), so the endpoint may be faster than measured; use several clients or a faster core");
  }
  if (health.descriptor_failures > thresholds.max_descriptor_failures) {
    verdict.reasons.push_back("the client ran out of file descriptors " + Times(health.descriptor_failures) +
                              " (limit " + std::to_string(thresholds.max_descriptor_failures) +
                              "); raise the limit with ulimit -n");
  }
}

void JudgeArrivals(const ClientHealth& health, const ValidityThresholds& thresholds, Validity& verdict) {
  if (!health.arrival_clock) verdict.unknown.push_back("arrival clock");
  if (health.upper_bound_share && *health.upper_bound_share > thresholds.max_upper_bound_share) {
    verdict.reasons.push_back(
        "of " + Percent(*health.upper_bound_share) +
        " of the token events only the latest possible arrival is known (limit " +
        Percent(thresholds.max_upper_bound_share) +
        "), because several came in one read: do not trust ITL percentiles; throughput is not affected");
  }
  if (health.wall_clock_steps > thresholds.max_wall_clock_steps) {
    verdict.reasons.push_back("the wall clock jumped " + Times(health.wall_clock_steps) +
                              " during the run (limit " + std::to_string(thresholds.max_wall_clock_steps) +
                              "), and kernel arrival stamps with it; repeat the run with a steady clock");
  }
}

template <typename T>
std::optional<T> Larger(const std::optional<T>& a, const std::optional<T>& b) {
  return std::max(a, b);  // an empty one is below every value
}

// A simulated clock is exact, the kernel's nearly.
int Doubt(ArrivalClock clock) {
  switch (clock) {
    case ArrivalClock::kSimulated:
      return 0;
    case ArrivalClock::kKernel:
      return 1;
    case ArrivalClock::kWakeUp:
      return 2;
  }
  return 2;
}

std::optional<ArrivalClock> MoreDoubtful(std::optional<ArrivalClock> a, std::optional<ArrivalClock> b) {
  if (!a || !b) return a ? a : b;
  return Doubt(*a) >= Doubt(*b) ? a : b;
}

// The clock to worry about: anything that was not stamped by the kernel.
std::optional<ArrivalClock> WorstClock(const ArrivalSummary& arrivals) {
  if (arrivals.wake_up > 0) return ArrivalClock::kWakeUp;
  if (arrivals.kernel > 0) return ArrivalClock::kKernel;
  if (arrivals.simulated > 0) return ArrivalClock::kSimulated;
  return std::nullopt;
}

}  // namespace

ClientHealth ClientHealthFromRecords(const RunMetrics& metrics) {
  ClientHealth health;
  if (const auto lag_ms = metrics.send_lag.Quantile(0.99)) health.send_lag_p99 = FromSeconds(*lag_ms / 1e3);
  health.arrival_clock = WorstClock(metrics.arrivals);
  health.upper_bound_share = metrics.arrivals.UpperBoundShare();
  return health;
}

ClientHealth WorstOf(const ClientHealth& a, const ClientHealth& b) {
  ClientHealth worst;
  worst.send_lag_p99 = Larger(a.send_lag_p99, b.send_lag_p99);
  worst.read_lag_p50 = Larger(a.read_lag_p50, b.read_lag_p50);
  worst.read_lag_p99 = Larger(a.read_lag_p99, b.read_lag_p99);
  worst.read_lag_max = Larger(a.read_lag_max, b.read_lag_max);
  worst.loop_cpu_share = Larger(a.loop_cpu_share, b.loop_cpu_share);
  worst.arrival_clock = MoreDoubtful(a.arrival_clock, b.arrival_clock);
  worst.upper_bound_share = Larger(a.upper_bound_share, b.upper_bound_share);
  worst.wall_clock_steps = std::max(a.wall_clock_steps, b.wall_clock_steps);
  worst.descriptor_failures = std::max(a.descriptor_failures, b.descriptor_failures);
  return worst;
}

absl::Status ValidityThresholds::Validate() const {
  if (max_send_lag_p99 < Duration::zero() || max_read_lag_p99_kernel < Duration::zero() ||
      max_read_lag_p99_wake_up < Duration::zero()) {
    return absl::InvalidArgumentError("limits of lags must be zero or more");
  }
  if (!(max_loop_cpu_share > 0 && max_loop_cpu_share <= 1)) {
    return absl::InvalidArgumentError("max_loop_cpu_share must be above 0 and at most 1");
  }
  if (!(max_upper_bound_share >= 0 && max_upper_bound_share <= 1)) {
    return absl::InvalidArgumentError("max_upper_bound_share must be between 0 and 1");
  }
  if (max_wall_clock_steps < 0 || max_descriptor_failures < 0) {
    return absl::InvalidArgumentError("limits of counts must be zero or more");
  }
  return absl::OkStatus();
}

Validity JudgeValidity(const ClientHealth& health, const ValidityThresholds& thresholds, LoadLever lever) {
  Validity verdict;
  JudgeLags(health, thresholds, lever, verdict);
  JudgeLoop(health, thresholds, verdict);
  JudgeArrivals(health, thresholds, verdict);
  verdict.valid = verdict.reasons.empty();
  return verdict;
}

}  // namespace llmdyno
