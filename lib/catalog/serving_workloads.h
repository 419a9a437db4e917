// The workloads that users of vLLM's serving benchmark know by name.
#pragma once

#include "llmdyno/catalog/catalog.h"

namespace llmdyno {

void AddServingWorkloads(WorkloadRegistry& registry);

}  // namespace llmdyno
