// Where a text can be cut without hurting a word, or at least no character.
#pragma once

#include <cstddef>
#include <string_view>

namespace llmdyno {

inline bool IsSpace(char c) { return c == ' ' || static_cast<unsigned char>(c - '\t') <= '\r' - '\t'; }

// The last end of a word at or before `at` (at most text.size()), 0 when there is none. In a script without
// spaces, or within a very long word, the last end of a character.
size_t WordEndBefore(std::string_view text, size_t at);

// The first such place behind `at`; text.size() when there is none.
size_t WordEndAfter(std::string_view text, size_t at);

}  // namespace llmdyno
