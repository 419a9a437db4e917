// One run of a level of a sweep, counted up while its records come.
#pragma once

#include <cstdint>
#include <optional>

#include "llmdyno/core/record.h"
#include "llmdyno/metrics/steady_state.h"
#include "llmdyno/metrics/sweep_metrics.h"
#include "metrics/sweep_request_figures.h"

namespace llmdyno {

// A constant 150 bytes, and what the steady state kept of its buckets. Thread-compatible.
class SweepRunTally {
 public:
  void Add(const RequestRecord& record);
  // In addition, for a success.
  void AddSuccess(const RequestRecord& record, const RequestValues& values);
  // What follows from all records of the run.
  void SetSteadyState(const std::optional<SteadyState>& steady);
  // Adds one value to each figure that the run has; none when nothing succeeded.
  void AddTo(RunFigures& figures) const;

 private:
  std::optional<TimePoint> first_due_at_;
  TimePoint first_send_at_;
  TimePoint last_send_at_;
  TimePoint last_end_at_;
  TimePoint first_success_at_;  // needs successful_ > 0, as the next one
  TimePoint last_success_at_;
  int64_t successful_ = 0;
  int64_t input_tokens_ = 0;
  int64_t output_tokens_ = 0;
  std::optional<int64_t> items_;
  std::optional<double> combined_throughput_;
  std::optional<double> steady_tokens_per_second_;
  std::optional<double> steady_median_tokens_per_second_;
};

void Sort(RunFigures& figures);

}  // namespace llmdyno
