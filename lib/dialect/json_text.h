// Undoes the escapes of a JSON string that the parser refuses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace llmdyno {

// `raw` begins with the opening quote of a string; what follows its closing quote is not looked at. A
// surrogate without its other half becomes U+FFFD: engines send one when a token ends within a character, and
// a token must not be lost over that. Nothing when an escape is none of JSON's, or there is no closing quote.
std::optional<std::string> UnescapeLeniently(std::string_view raw);

}  // namespace llmdyno
