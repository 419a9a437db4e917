// What is known of a run and of the client that made it, as far as the verdict asks (validity.h). Apps gather
// it, JudgeValidity judges it. Plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/metrics/run_metrics.h"

namespace llmdyno {

// One thread of the client; shares of the time from the start of the run to its finish line, 0 to 1.
struct ThreadHealth {
  std::optional<double> cpu_share;   // on a processor, at work
  std::optional<double> wait_share;  // ready to run, while the processors had other work
};

// Plain numbers; what is not known is empty. Counts are zero where nothing was counted.
struct ClientHealth {
  // Sends: late is more than kLateSendAfter after the scheduled instant (late_send.h).
  int64_t sends = 0;
  std::optional<double> late_send_share;
  std::optional<Duration> send_lag_p99;  // scheduled -> sent

  // The event loop: from the bytes in the kernel to our reading them.
  std::optional<Duration> read_lag_p50;
  std::optional<Duration> read_lag_p99;
  std::optional<Duration> read_lag_max;

  // Processors.
  std::vector<ThreadHealth> shards;            // the threads that send and receive, in their order
  std::optional<ThreadHealth> decisions;       // the thread of load model and sinks, when it is apart
  std::optional<double> loop_cpu_share;        // the largest of the shards'
  std::optional<double> run_queue_wait_share;  // the largest of all threads'
  std::optional<double> cores_busy_share;      // of the cores that the client may use, with whatever work
  std::optional<Duration> hand_over_lag_max;   // of finished records, until the sinks' thread took them

  // Arrivals.
  std::optional<ArrivalClock> arrival_clock;  // the least trustworthy that stamped at least 1 % of them
  int64_t arrival_events = 0;                 // of tokens
  std::optional<double> upper_bound_share;    // of these, 0 to 1
  int64_t wall_clock_steps = 0;               // jumps of the wall clock, which kernel stamps are mapped from

  // Sockets.
  int64_t descriptor_failures = 0;         // connections that failed for want of a file descriptor
  int64_t port_failures = 0;               // and of a local port
  int64_t segments_sent = 0;               // by TCP, for all connections of the run
  std::optional<double> retransmit_share;  // of these, sent again for want of an acknowledgement

  // The run itself.
  std::optional<RateTrend> throughput_trend;
  std::optional<RateTrend> due_trend;
  std::optional<EarlySlowness> early_slowness;
  int64_t answered = 0;  // requests that have latencies

  // True when time did not pass by itself: nothing of the client could hold the run back.
  bool is_simulated() const { return arrival_clock == ArrivalClock::kSimulated; }
};

// Fills in what the records tell: sends, arrivals, and the run itself.
ClientHealth ClientHealthFromRecords(const RunMetrics& metrics);

// Of several runs that are judged as one: the worse of the two, field by field; what only one of them knows
// is taken from there. Shares of a count are those of both counts together, where the counts are known.
ClientHealth WorstOf(const ClientHealth& a, const ClientHealth& b);

}  // namespace llmdyno
