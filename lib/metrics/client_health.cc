#include "llmdyno/metrics/client_health.h"

#include <algorithm>
#include <cmath>

namespace llmdyno {
namespace {

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

// The clock to worry about. A stamp here and there that the kernel did not give (of bytes that came while a
// connection was being set up, say) cannot move a p99, by which arrivals are judged.
std::optional<ArrivalClock> LeastTrustworthyClock(const ArrivalSummary& arrivals) {
  constexpr double kShareThatMatters = 0.01;
  const int64_t all = arrivals.wake_up + arrivals.kernel + arrivals.simulated;
  if (all == 0) return std::nullopt;
  const auto matters = [&](int64_t stamps) {
    return stamps > 0 && static_cast<double>(stamps) >= kShareThatMatters * static_cast<double>(all);
  };
  if (matters(arrivals.wake_up)) return ArrivalClock::kWakeUp;
  if (matters(arrivals.kernel)) return ArrivalClock::kKernel;
  return ArrivalClock::kSimulated;
}

// The share of both counts together.
std::optional<double> Pooled(const std::optional<double>& a, int64_t n_a, const std::optional<double>& b,
                             int64_t n_b) {
  if (!a || !b || n_a == 0 || n_b == 0) return Larger(a, b);
  const auto n = static_cast<double>(n_a + n_b);
  return *a * (static_cast<double>(n_a) / n) + *b * (static_cast<double>(n_b) / n);
}

ThreadHealth WorstOf(const ThreadHealth& a, const ThreadHealth& b) {
  return {Larger(a.cpu_share, b.cpu_share), Larger(a.wait_share, b.wait_share)};
}

std::vector<ThreadHealth> WorstOf(const std::vector<ThreadHealth>& a, const std::vector<ThreadHealth>& b) {
  std::vector<ThreadHealth> worst(std::max(a.size(), b.size()));
  for (size_t i = 0; i < worst.size(); ++i) {
    worst[i] = WorstOf(i < a.size() ? a[i] : ThreadHealth(), i < b.size() ? b[i] : ThreadHealth());
  }
  return worst;
}

// The trend that is less likely to be chance.
std::optional<RateTrend> WorseTrend(const std::optional<RateTrend>& a, const std::optional<RateTrend>& b) {
  if (!a || !b) return a ? a : b;
  return a->p_value <= b->p_value ? a : b;
}

std::optional<EarlySlowness> Slower(const std::optional<EarlySlowness>& a,
                                    const std::optional<EarlySlowness>& b) {
  if (!a || !b) return a ? a : b;
  return a->ratio >= b->ratio ? a : b;
}

}  // namespace

ClientHealth ClientHealthFromRecords(const RunMetrics& metrics) {
  ClientHealth health;
  health.sends = metrics.send_lag.n();
  if (health.sends > 0) {
    health.late_send_share = static_cast<double>(metrics.late_sends) / static_cast<double>(health.sends);
  }
  if (const auto lag_ms = metrics.send_lag.Quantile(0.99)) health.send_lag_p99 = FromSeconds(*lag_ms / 1e3);
  health.arrival_clock = LeastTrustworthyClock(metrics.arrivals);
  health.arrival_events = metrics.arrivals.events;
  health.upper_bound_share = metrics.arrivals.UpperBoundShare();
  health.throughput_trend = metrics.throughput_trend;
  health.due_trend = metrics.due_trend;
  health.early_slowness = metrics.early_slowness;
  health.answered = metrics.e2e.n();
  return health;
}

ClientHealth WorstOf(const ClientHealth& a, const ClientHealth& b) {
  ClientHealth worst;
  worst.sends = a.sends + b.sends;
  worst.late_send_share = Pooled(a.late_send_share, a.sends, b.late_send_share, b.sends);
  worst.send_lag_p99 = Larger(a.send_lag_p99, b.send_lag_p99);
  worst.read_lag_p50 = Larger(a.read_lag_p50, b.read_lag_p50);
  worst.read_lag_p99 = Larger(a.read_lag_p99, b.read_lag_p99);
  worst.read_lag_max = Larger(a.read_lag_max, b.read_lag_max);
  worst.shards = WorstOf(a.shards, b.shards);
  if (a.decisions || b.decisions) {
    worst.decisions = WorstOf(a.decisions.value_or(ThreadHealth()), b.decisions.value_or(ThreadHealth()));
  }
  worst.loop_cpu_share = Larger(a.loop_cpu_share, b.loop_cpu_share);
  worst.run_queue_wait_share = Larger(a.run_queue_wait_share, b.run_queue_wait_share);
  worst.cores_busy_share = Larger(a.cores_busy_share, b.cores_busy_share);
  worst.hand_over_lag_max = Larger(a.hand_over_lag_max, b.hand_over_lag_max);
  worst.arrival_clock = MoreDoubtful(a.arrival_clock, b.arrival_clock);
  worst.arrival_events = a.arrival_events + b.arrival_events;
  worst.upper_bound_share =
      Pooled(a.upper_bound_share, a.arrival_events, b.upper_bound_share, b.arrival_events);
  worst.wall_clock_steps = std::max(a.wall_clock_steps, b.wall_clock_steps);
  worst.descriptor_failures = std::max(a.descriptor_failures, b.descriptor_failures);
  worst.port_failures = std::max(a.port_failures, b.port_failures);
  worst.segments_sent = a.segments_sent + b.segments_sent;
  worst.retransmit_share = Pooled(a.retransmit_share, a.segments_sent, b.retransmit_share, b.segments_sent);
  worst.throughput_trend = WorseTrend(a.throughput_trend, b.throughput_trend);
  worst.due_trend = WorseTrend(a.due_trend, b.due_trend);
  worst.early_slowness = Slower(a.early_slowness, b.early_slowness);
  worst.answered = a.answered + b.answered;
  return worst;
}

}  // namespace llmdyno
