// The workloads that send what a file holds: conversations, prompts, and the lengths of a trace.
#pragma once

#include "llmdyno/catalog/catalog.h"

namespace llmdyno {

void AddFileWorkloads(WorkloadRegistry& registry);

}  // namespace llmdyno
