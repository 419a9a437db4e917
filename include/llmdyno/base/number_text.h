// Numbers as people write them on a command line, read strictly: the whole text or an error. For flags,
// settings and tables. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llmdyno {

// Decimal integers, with an optional sign and optional suffix k, M or G (powers of 1000): "80", "1M", "2k".
// Nothing for anything else, including text behind the number and values out of range.
std::optional<int64_t> ParseInteger(std::string_view text);

// Finite decimal numbers. "nan" and "inf" are not numbers here.
std::optional<double> ParseReal(std::string_view text);

// 1234567 -> "1,234,567".
std::string WithThousands(int64_t value);

}  // namespace llmdyno
