// The limits of the verdict, and what follows from its reasons.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "llmdyno/metrics/validity.h"

namespace llmdyno {

Duration ReadLagLimit(const ClientHealth& health, const ValidityThresholds& thresholds) {
  const bool kernel = health.arrival_clock == ArrivalClock::kKernel;
  return kernel ? thresholds.max_read_lag_p99_kernel : thresholds.max_read_lag_p99_wake_up;
}

absl::Status ValidityThresholds::Validate() const {
  if (max_read_lag_p99_kernel < Duration::zero() || max_read_lag_p99_wake_up < Duration::zero() ||
      max_hand_over_lag < Duration::zero() || min_early_delay < Duration::zero()) {
    return absl::InvalidArgumentError("limits of lags must be zero or more");
  }
  const std::array<std::pair<const char*, double>, 10> shares = {
      {{"max_late_send_share", max_late_send_share},
       {"max_loop_cpu_share", max_loop_cpu_share},
       {"max_run_queue_wait_share", max_run_queue_wait_share},
       {"max_wait_of_wanted", max_wait_of_wanted},
       {"max_cores_busy_share", max_cores_busy_share},
       {"max_wait_anyhow", max_wait_anyhow},
       {"max_upper_bound_share", max_upper_bound_share},
       {"max_retransmit_share", max_retransmit_share},
       {"max_early_p_value", max_early_p_value},
       {"max_trend_p_value", max_trend_p_value}}};
  for (const auto& [name, share] : shares) {
    if (share >= 0 && share <= 1) continue;
    return absl::InvalidArgumentError(std::string(name) + " must be between 0 and 1");
  }
  if (!(max_early_slowdown >= 1)) {
    return absl::InvalidArgumentError("max_early_slowdown must be 1 or more");
  }
  if (!(max_throughput_change >= 0)) {
    return absl::InvalidArgumentError("max_throughput_change must be zero or more");
  }
  if (std::min({max_wall_clock_steps, max_descriptor_failures, max_port_failures, min_late_sends,
                min_upper_bound_events, min_retransmits}) < 0) {
    return absl::InvalidArgumentError("limits of counts must be zero or more");
  }
  return absl::OkStatus();
}

bool Validity::client_kept_up() const {
  return std::none_of(reasons.begin(), reasons.end(),
                      [](const ValidityReason& reason) { return reason.is_about_client; });
}

}  // namespace llmdyno
