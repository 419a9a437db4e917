// GET /metrics: the server's counters as Prometheus text, under the names that vLLM uses, so that whatever
// watches a vLLM can watch the simulator.
#pragma once

#include <string>

#include "llmdyno/sim/engine_model.h"
#include "server_metrics.h"

namespace llmdyno {

// Gauges that only the engine knows.
struct EngineGauges {
  int64_t running = 0;
  int64_t waiting = 0;
  double kv_usage = 0;  // share of the cache reserved, 0 to 1
};

EngineGauges GaugesOf(const EngineModel& engine);

std::string RenderPrometheus(const ServerMetrics& metrics, const EngineGauges& gauges,
                             const std::string& model);

}  // namespace llmdyno
