// Reads the "usage" of a message: the endpoint's own count of tokens, in the spellings of several engines.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>

#include "llmdyno/dialect/stream_event.h"

namespace llmdyno {

// Leaves `usage` alone when the value is no object: endpoints send null in every chunk but the last. A count
// that cannot be one (negative, astronomic, no whole number) is absent, and so is a cost. `total_tokens` is
// for answers that generate nothing: some endpoints give their prompt's count by that name alone.
simdjson::error_code ReadUsage(simdjson::ondemand::value value, std::optional<UsageReport>& usage,
                               std::optional<int64_t>* total_tokens = nullptr);

}  // namespace llmdyno
