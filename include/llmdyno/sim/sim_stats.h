// What a simulated endpoint has done so far: the value behind SimServer::Stats() and GET /stats. A plain
// value.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "llmdyno/sim/fault.h"

namespace llmdyno {

struct SimStats {
  int64_t requests = 0;     // of any kind, from their last byte read
  int64_t generations = 0;  // completions, embeddings, reranks: what faults and the engine apply to
  int64_t in_flight = 0;    // generations now under way
  int64_t max_in_flight = 0;
  int64_t connections = 0;  // open now
  int64_t connections_accepted = 0;
  int64_t prompt_tokens = 0;
  int64_t tokens_sent = 0;         // handed to the kernel
  int64_t disconnects = 0;         // clients that left before their response was complete
  int64_t refused_overloaded = 0;  // by the engine's queue limit, not by a fault
  int64_t images = 0;              // image parts received
  std::array<int64_t, kFaultCount> faults{};
  double cpu_seconds = 0;  // of the server's own threads

  // How many requests had this fault.
  int64_t fault(Fault kind) const { return faults[static_cast<size_t>(kind)]; }
};

// One JSON object with the names above, faults by name.
std::string ToJson(const SimStats& stats);

}  // namespace llmdyno
