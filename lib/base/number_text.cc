#include "llmdyno/base/number_text.h"

#include <charconv>
#include <cmath>

namespace llmdyno {
namespace {

// from_chars knows no plus sign. "+-5" stays malformed.
void DropPlusSign(std::string_view& text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t scale = 1;
  if (text.ends_with('k')) scale = 1'000;
  if (text.ends_with('M')) scale = 1'000'000;
  if (text.ends_with('G')) scale = 1'000'000'000;
  if (scale != 1) text.remove_suffix(1);
  DropPlusSign(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  int64_t scaled = 0;
  if (__builtin_mul_overflow(value, scale, &scaled)) return std::nullopt;
  return scaled;
}

std::optional<double> ParseReal(std::string_view text) {
  DropPlusSign(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string WithThousands(int64_t value) {
  std::string digits = std::to_string(value);
  const size_t first = value < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace llmdyno
