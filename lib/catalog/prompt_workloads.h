// The workloads that send single prompts: synthetic text and the prompt datasets.
#pragma once

#include "llmdyno/catalog/catalog.h"

namespace llmdyno {

void AddPromptWorkloads(WorkloadRegistry& registry);

}  // namespace llmdyno
