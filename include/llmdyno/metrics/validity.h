// The verdict: can these numbers be trusted?
//
// When the client was the bottleneck, or the run was not one thing from beginning to end, the result has to
// say so. VALID means that nothing below was noticed; SUSPECT comes with a reason for each thing that was
// (docs/metrics.md, "The verdict"). Reports call JudgeValidity. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/metrics/client_health.h"

namespace llmdyno {

// Where doubt begins: above the limit. Docs give the reasoning for each figure.
struct ValidityThresholds {
  double max_late_send_share = 0.01;
  int64_t min_late_sends = 3;  // fewer are an accident, whatever their share
  // With kernel stamps a late read moves no arrival, but it delays the user's next request.
  Duration max_read_lag_p99_kernel = std::chrono::milliseconds(50);
  // Without them it is an error of every instant.
  Duration max_read_lag_p99_wake_up = std::chrono::milliseconds(5);
  double max_loop_cpu_share = 0.90;  // of each thread
  // Of each thread, of the run's time; so much is starvation where the two that follow are exceeded too:
  double max_run_queue_wait_share = 0.01;
  double max_wait_of_wanted = 0.20;    // waiting / (waiting + on a processor)
  double max_cores_busy_share = 0.80;  // nothing was free that it could have been given
  double max_wait_anyhow = 0.50;       // so much is starvation in any case
  Duration max_hand_over_lag = std::chrono::milliseconds(100);
  double max_upper_bound_share = 0.25;
  int64_t min_upper_bound_events = 100;  // fewer say nothing about ITL percentiles anyway
  int64_t max_wall_clock_steps = 0;
  int64_t max_descriptor_failures = 0;
  int64_t max_port_failures = 0;
  double max_retransmit_share = 0.01;
  int64_t min_retransmits = 3;
  double max_early_slowdown = 1.5;  // median delay of the first tenth / that of the second half
  Duration min_early_delay = std::chrono::milliseconds(2);  // a smaller difference of the two says nothing
  double max_early_p_value = 0.001;                         // such slowness by chance
  double max_throughput_change = 0.05;                      // first third -> last third, up or down
  double max_trend_p_value = 0.01;                          // such a trend by chance

  // InvalidArgument with the first problem, naming the field: a lag below 0, a share outside 0 to 1, a count
  // below 0, a slowdown below 1.
  absl::Status Validate() const;
};

// One thing that makes a result doubtful.
struct ValidityReason {
  std::string code;  // "late_sends": for programs; docs/metrics.md has the list
  double figure = 0;
  double limit = 0;              // in the figure's unit: shares are 0 to 1, times milliseconds
  std::string sentence;          // figure, limit, and what to do about it
  bool is_about_client = false;  // the client may have held the endpoint back
};

// The verdict with its reasons.
struct Validity {
  bool valid = true;
  std::vector<ValidityReason> reasons;  // why not
  std::vector<std::string> unknown;     // what could not be judged: "CPU share of the loop thread"
  // What a reader has to know and cannot repair by distrusting the run: they leave it valid.
  std::vector<ValidityReason> caveats = {};
  ValidityThresholds limits = {};  // that were applied

  // False when a reason is about the client.
  bool client_kept_up() const;
};

// What makes the load lighter, for the advice in the reasons.
enum class LoadLever {
  kUsers,  // a closed loop: fewer of them
  kRate,   // an open loop: a lower one
};

// Judges each thing that is known against its limit; what is unknown is listed and no reason. Needs
// thresholds that Validate() accepts.
Validity JudgeValidity(const ClientHealth& health, const ValidityThresholds& thresholds = {},
                       LoadLever lever = LoadLever::kUsers);

// The limit of the read lag's p99 for what stamped the arrivals.
Duration ReadLagLimit(const ClientHealth& health, const ValidityThresholds& thresholds);

}  // namespace llmdyno
