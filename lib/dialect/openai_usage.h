// Reads the "usage" of a message: the endpoint's own count of tokens, in the spellings of several engines.
#pragma once

#include <simdjson.h>

#include <optional>

#include "llmdyno/dialect/stream_event.h"

namespace llmdyno {

// Leaves `usage` alone when the value is no object: endpoints send null in every chunk but the last. A count
// that cannot be one (negative, astronomic, no whole number) is absent.
simdjson::error_code ReadUsage(simdjson::ondemand::value value, std::optional<UsageReport>& usage);

}  // namespace llmdyno
