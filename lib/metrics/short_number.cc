#include "metrics/short_number.h"

#include <charconv>

namespace llmdyno {

std::string ShortNumber(double value) {
  char text[400];  // the largest double has 309 digits, the smallest 324 decimals and a few digits
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  return error == std::errc{} ? std::string(text, end) : std::string();
}

}  // namespace llmdyno
