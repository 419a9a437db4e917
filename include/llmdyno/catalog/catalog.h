// The names that a command line may use, as an ordinary value: no globals, explicit registration.
#pragma once

#include <memory>
#include <string>

#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/random.h"
#include "llmdyno/base/registry.h"
#include "llmdyno/load/arrival_process.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/workload/request_source.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// What a workload's factory is given beside its own settings.
struct WorkloadContext {
  const WorkloadSpec& spec;
  TokenCounter& token_counter;  // the endpoint's own where it offers one
  Rng rng;                      // for this workload alone
  const Diagnostics& diagnostics;
};

using WorkloadRegistry = Registry<std::unique_ptr<RequestSource>, const WorkloadContext&>;

// What an arrival process's factory is given beside its own settings.
struct ArrivalContext {
  const ArrivalSchedule& schedule;  // how fast and how many; valid, the spec was checked
  Rng rng;                          // for this process alone
  const std::string& trace_path;    // the dataset's file, for a process that reads a trace and names none
  const Diagnostics& diagnostics;
};

using ArrivalRegistry = Registry<std::unique_ptr<ArrivalProcess>, const ArrivalContext&>;

struct Catalog {
  WorkloadRegistry workloads{"workload"};
  ArrivalRegistry arrivals{"arrival process"};
};

// Everything that llmdyno brings along.
Catalog MakeBuiltInCatalog();

}  // namespace llmdyno
