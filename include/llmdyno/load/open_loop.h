// Sends when the schedule says so, whatever the endpoint does. QPS benchmarks and sweeps at a rate use it.
// Called by the run's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/load/arrival_process.h"
#include "llmdyno/load/load_model.h"

namespace llmdyno {

// An open loop as it can be written down.
struct OpenLoopConfig {
  // An arrival process of the catalog: "constant", "poisson", "gamma:burstiness=0.5",
  // "trace:path=FILE,speedup=2", or a plugin's.
  std::string arrivals = "constant";
  // How fast and how many. A trace brings its own times and their number and does not look at it.
  ArrivalSchedule schedule = {};
  // With as many requests in flight the next one waits, past its scheduled instant; latencies from the
  // schedule then contain the wait. Unset: it never waits.
  std::optional<int64_t> max_in_flight = {};

  // The first problem in a sentence. The catalog judges the arrival process's name and settings.
  absl::Status Validate() const;
};

// Each request is due at its offset from the start of the phase. When sends have fallen behind, the instants
// that were missed come at once, one after the other, and stay what they were; nothing is left out. All
// requests belong to user 0. Finished when the process has no more. Needs a process. InvalidArgument when
// max_in_flight is below 1.
absl::StatusOr<std::unique_ptr<LoadModel>> MakeOpenLoop(std::unique_ptr<ArrivalProcess> arrivals,
                                                        std::optional<int64_t> max_in_flight);

}  // namespace llmdyno
