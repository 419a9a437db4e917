#include "measurements.h"

namespace llmdyno {

const std::vector<Benchmark>& Benchmarks() {
  static const std::vector<Benchmark> benchmarks = {
      {"burst", MeasureBurst},
      {"paced", MeasurePaced},
      {"requests", MeasureRequests},
      {"arrivals", MeasureArrivals},
      {"memory", MeasureMemory},
      {"allocations", MeasureAllocations},
      {"start-up", MeasureStartUp},
      {"send-error", MeasureSends},
      {"offered", MeasureOfferedRate},
      {"ttft", MeasureFirstTokens},
      {"stall", MeasureStalls},
      {"prompts", MeasurePrompts},
      {"saturation", MeasureSaturation},
      {"shards", MeasureShards},
      {"ten-thousand", MeasureTenThousand},
      {"images", MeasureImages},
      {"batch", MeasureBatches},
      {"embeddings", MeasureEmbeddings},
      {"virtual-time", MeasureVirtualTime},
  };
  return benchmarks;
}

}  // namespace llmdyno
