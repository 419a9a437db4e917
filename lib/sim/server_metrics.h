// Counters and histograms of a running server, shared by its threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/sim/fault.h"
#include "llmdyno/sim/sim_stats.h"

namespace llmdyno {

// Fixed bounds, lock-free.
class AtomicHistogram {
 public:
  static constexpr size_t kMaxBounds = 20;
  // Upper bounds in seconds, ascending, at most kMaxBounds.
  explicit AtomicHistogram(std::span<const double> bounds_s);
  void Observe(Duration value, int64_t times = 1);

  struct Snapshot {
    std::span<const double> bounds_s;
    std::vector<int64_t> counts;  // one more than bounds: the last for everything above
    Duration sum{0};
  };
  Snapshot Take() const;

 private:
  std::span<const double> bounds_s_;
  std::array<std::atomic<int64_t>, kMaxBounds + 1> counts_{};
  std::atomic<int64_t> sum_ns_{0};
};

// Thread-safe; every number is exact, though two of them may be read a moment apart.
struct ServerMetrics {
  ServerMetrics();

  std::atomic<int64_t> requests{0};
  std::atomic<int64_t> generations{0};
  std::atomic<int64_t> in_flight{0};
  std::atomic<int64_t> max_in_flight{0};
  std::atomic<int64_t> connections{0};
  std::atomic<int64_t> connections_accepted{0};
  std::atomic<int64_t> prompt_tokens{0};
  std::atomic<int64_t> tokens_sent{0};
  std::atomic<int64_t> disconnects{0};
  std::atomic<int64_t> refused_overloaded{0};
  std::atomic<int64_t> images{0};
  std::array<std::atomic<int64_t>, kFaultCount> faults{};
  std::atomic<int64_t> finished_length{0};
  std::atomic<int64_t> finished_stop{0};
  std::atomic<int64_t> finished_abort{0};
  AtomicHistogram time_to_first_token;
  AtomicHistogram time_per_output_token;
  AtomicHistogram e2e_request_latency;

  void BeginGeneration();
  void EndGeneration() { in_flight.fetch_sub(1, std::memory_order_relaxed); }
  void CountFault(Fault fault) { faults[static_cast<size_t>(fault)].fetch_add(1, std::memory_order_relaxed); }
  SimStats ToStats() const;  // without CPU time
};

}  // namespace llmdyno
