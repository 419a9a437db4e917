// The names that a command line may use, as an ordinary value: no globals, explicit registration.
#pragma once

#include <memory>

#include "llmdyno/base/diagnostics.h"
#include "llmdyno/base/random.h"
#include "llmdyno/base/registry.h"
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

struct Catalog {
  WorkloadRegistry workloads{"workload"};
};

// Everything that llmdyno brings along.
Catalog MakeBuiltInCatalog();

}  // namespace llmdyno
