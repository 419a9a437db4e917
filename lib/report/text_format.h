// Numbers and columns as the plain-text reports show them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llmdyno {

// Of the final block of a race.
inline constexpr size_t kReportWidth = 100;
inline constexpr size_t kReportLabelWidth = 20;

// "1,234.5": fixed decimals, thousands separated. Needs a finite value.
std::string Fixed(double value, int decimals);
// The same, or "-" for nothing.
std::string FixedOrDash(const std::optional<double>& value, int decimals);

// Pads with spaces to a width on screen; UTF-8 continuation bytes take no room. Longer texts stay as they
// are.
std::string PadLeft(std::string_view text, size_t width);
std::string PadRight(std::string_view text, size_t width);

// The width of a text on screen, counting every code point as one column.
size_t ScreenWidth(std::string_view text);

// Breaks a text at spaces into lines of at most `width` columns; later lines are indented. Each ends in a
// newline.
std::string Wrap(std::string_view text, size_t width, std::string_view indent);

// "  Label               text", broken into lines of kReportWidth columns that begin below one another.
std::string Labeled(std::string_view label, std::string_view text);

// At most `width` columns, the last three dots when something was cut.
std::string Shorten(std::string_view text, size_t width);

// "3 requests", "1 request".
std::string Count(int64_t count, std::string_view noun);

// Texts from an endpoint on one line of a terminal: control characters become spaces.
std::string OneLine(std::string_view text);

}  // namespace llmdyno
