// The arrival processes that llmdyno brings along.
#pragma once

#include "llmdyno/catalog/catalog.h"

namespace llmdyno {

void AddBuiltInArrivals(ArrivalRegistry& registry);

}  // namespace llmdyno
