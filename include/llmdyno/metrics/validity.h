// The verdict on the client itself: were these numbers measured by something that kept up?
//
// When the client was the bottleneck the result has to say so. VALID means that nothing below was noticed;
// SUSPECT comes with a reason for each thing that was (docs/metrics.md, "The verdict").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// What is known of the client during a run, as plain numbers; what is not known is empty.
struct ClientHealth {
  std::optional<Duration> send_lag_p99;  // scheduled -> sent
  std::optional<Duration> read_lag_p50;  // bytes in the kernel -> read by us
  std::optional<Duration> read_lag_p99;
  std::optional<Duration> read_lag_max;
  std::optional<double> loop_cpu_share;       // CPU time of the loop thread / elapsed, 0 to 1
  std::optional<ArrivalClock> arrival_clock;  // the least trustworthy that stamped anything
  std::optional<double> upper_bound_share;    // of the token arrivals, 0 to 1
  int64_t wall_clock_steps = 0;               // jumps of the wall clock, which kernel stamps are mapped from
  int64_t descriptor_failures = 0;            // connections that failed for want of a file descriptor
};

// Fills in what the records tell: send lag, clock, upper bounds.
ClientHealth ClientHealthFromRecords(const RunMetrics& metrics);

// Of several runs that are judged as one: the worse of the two, field by field; what only one of them knows
// is taken from there.
ClientHealth WorstOf(const ClientHealth& a, const ClientHealth& b);

// Where doubt begins. Docs give the reasoning for each figure.
struct ValidityThresholds {
  Duration max_send_lag_p99 = std::chrono::milliseconds(10);
  // With kernel stamps a late read moves no arrival, but it delays the user's next request.
  Duration max_read_lag_p99_kernel = std::chrono::milliseconds(50);
  // Without them it is an error of every instant.
  Duration max_read_lag_p99_wake_up = std::chrono::milliseconds(5);
  double max_loop_cpu_share = 0.90;
  double max_upper_bound_share = 0.25;
  int64_t max_wall_clock_steps = 0;
  int64_t max_descriptor_failures = 0;

  absl::Status Validate() const;
};

struct Validity {
  bool valid = true;
  std::vector<std::string> reasons;  // why not: a sentence with figure, limit and what to do
  std::vector<std::string> unknown;  // what could not be judged: "CPU share of the loop thread"
};

// What makes the load lighter, for the advice in the reasons.
enum class LoadLever {
  kUsers,  // a closed loop: fewer of them
  kRate,   // an open loop: a lower one
};

Validity JudgeValidity(const ClientHealth& health, const ValidityThresholds& thresholds = {},
                       LoadLever lever = LoadLever::kUsers);

}  // namespace llmdyno
