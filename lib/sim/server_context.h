// What all workers of one server share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "llmdyno/base/clock.h"
#include "llmdyno/sim/sim_config.h"
#include "prometheus_text.h"
#include "request_log.h"
#include "server_metrics.h"
#include "stream_renderer.h"

namespace llmdyno {

struct ServerContext {
  SimConfig config;
  const Clock& clock = SystemClock();
  ServerMetrics metrics;
  std::unique_ptr<RequestLog> log;           // none: no log
  std::atomic<uint64_t> next_generation{0};  // index of the next request that generates
  std::atomic<uint64_t> next_request{0};     // for the ids of requests that came without one
  StreamWording chat_wording;                // made from the config when the server starts
  StreamWording completions_wording;
  std::function<SimStats()> stats;       // thread-safe, CPU time included
  std::function<EngineGauges()> gauges;  // thread-safe
};

}  // namespace llmdyno
