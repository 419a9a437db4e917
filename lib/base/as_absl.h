// Debian's Abseil keeps a string view of its own. This is the one place that knows: convert at the call.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace llmdyno {

inline absl::string_view AsAbsl(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace llmdyno
