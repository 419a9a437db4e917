// What a dialect says of a body that it cannot carry.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "llmdyno/core/request.h"

namespace llmdyno {

// InvalidArgument: "the completions route carries a bare prompt, not a conversation".
absl::Status RefusedBody(std::string_view route, std::string_view carried, const RequestBody& given);

}  // namespace llmdyno
