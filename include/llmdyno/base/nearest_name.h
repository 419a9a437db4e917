// "Did you mean ...?": the known name that is closest to a mistyped one. Whoever reports an unknown name
// calls it. A pure function.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace llmdyno {

// Returns the name with the smallest edit distance (insert, delete, replace, swap neighbours), or nothing
// when none is near enough to be what was meant (more than a third of the longer name differs).
std::optional<std::string> FindNearestName(std::string_view typed, std::span<const std::string> known);

}  // namespace llmdyno
