#pragma once

#include <memory>

#include "run/shards.h"

namespace llmdyno {

std::unique_ptr<Shards> MakeOwnThreadShard(Transport& transport, const ShardSetting& setting,
                                           InFlightListener& listener);

}  // namespace llmdyno
