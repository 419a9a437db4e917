#pragma once

#include <memory>
#include <vector>

#include "run/shards.h"

namespace llmdyno {

// A thread for each transport.
std::unique_ptr<Shards> MakeThreadedShards(const std::vector<Transport*>& transports,
                                           const ShardSetting& setting, InFlightListener& listener);

}  // namespace llmdyno
