// The record sinks that llmdyno brings along.
#pragma once

#include "llmdyno/catalog/catalog.h"

namespace llmdyno {

void AddBuiltInSinks(RecordSinkRegistry& registry);

}  // namespace llmdyno
