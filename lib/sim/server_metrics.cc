#include "server_metrics.h"

#include <algorithm>

namespace llmdyno {
namespace {

// vLLM's own buckets.
constexpr double kTtftBounds[] = {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1,  0.25,
                                  0.5,   0.75,  1.0,  2.5,  5.0,  7.5,  10.0, 20.0, 40.0};
constexpr double kTpotBounds[] = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5};
constexpr double kE2eBounds[] = {0.3,  0.5,  0.8,  1.0,  1.5,  2.0,  2.5,  5.0,
                                 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0};

int64_t Load(const std::atomic<int64_t>& value) { return value.load(std::memory_order_relaxed); }

}  // namespace

AtomicHistogram::AtomicHistogram(std::span<const double> bounds_s)
    : bounds_s_(bounds_s.first(std::min(bounds_s.size(), kMaxBounds))) {}

void AtomicHistogram::Observe(Duration value, int64_t times) {
  const double seconds = ToSeconds(value);
  const size_t bucket =
      static_cast<size_t>(std::lower_bound(bounds_s_.begin(), bounds_s_.end(), seconds) - bounds_s_.begin());
  counts_[bucket].fetch_add(times, std::memory_order_relaxed);
  sum_ns_.fetch_add(value.count() * times, std::memory_order_relaxed);
}

AtomicHistogram::Snapshot AtomicHistogram::Take() const {
  Snapshot snapshot{.bounds_s = bounds_s_, .counts = {}, .sum = Duration(Load(sum_ns_))};
  for (size_t i = 0; i <= bounds_s_.size(); ++i) snapshot.counts.push_back(Load(counts_[i]));
  return snapshot;
}

ServerMetrics::ServerMetrics()
    : time_to_first_token(kTtftBounds), time_per_output_token(kTpotBounds), e2e_request_latency(kE2eBounds) {}

void ServerMetrics::BeginGeneration() {
  generations.fetch_add(1, std::memory_order_relaxed);
  const int64_t now_in_flight = in_flight.fetch_add(1, std::memory_order_relaxed) + 1;
  int64_t highest = Load(max_in_flight);
  while (now_in_flight > highest && !max_in_flight.compare_exchange_weak(highest, now_in_flight)) {
  }
}

SimStats ServerMetrics::ToStats() const {
  SimStats stats;
  stats.requests = Load(requests);
  stats.generations = Load(generations);
  stats.in_flight = Load(in_flight);
  stats.max_in_flight = Load(max_in_flight);
  stats.connections = Load(connections);
  stats.connections_accepted = Load(connections_accepted);
  stats.prompt_tokens = Load(prompt_tokens);
  stats.tokens_sent = Load(tokens_sent);
  stats.disconnects = Load(disconnects);
  stats.refused_overloaded = Load(refused_overloaded);
  stats.images = Load(images);
  for (size_t i = 0; i < kFaultCount; ++i) stats.faults[i] = Load(faults[i]);
  return stats;
}

}  // namespace llmdyno
