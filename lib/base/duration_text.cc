#include "llmdyno/base/duration_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "llmdyno/base/number_text.h"

namespace llmdyno {
namespace {

struct Unit {
  std::string_view suffix;
  int64_t nanoseconds;
};
// Longest suffix first, so that "ms" is not read as "s".
constexpr std::array<Unit, 6> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

// Whole numbers are read without a detour through double, which is exact up to 104 days of nanoseconds only.
std::optional<Duration> ScaleWhole(std::string_view number, int64_t scale) {
  if (!std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  const std::optional<int64_t> value = ParseInteger(number);
  int64_t nanoseconds = 0;
  if (!value || __builtin_mul_overflow(*value, scale, &nanoseconds)) return std::nullopt;
  return Duration(nanoseconds);
}

}  // namespace

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  std::string_view number = text;
  int64_t scale = 1'000'000'000;
  for (const Unit& unit : kUnits) {
    if (text.ends_with(unit.suffix)) {
      number.remove_suffix(unit.suffix.size());
      scale = unit.nanoseconds;
      break;
    }
  }
  if (const std::optional<Duration> whole = ScaleWhole(number, scale)) return *whole;
  const std::optional<double> value = ParseReal(number);
  if (!value || *value < 0 || *value * static_cast<double>(scale) > 9e18) {
    return absl::InvalidArgumentError("'" + std::string(text) +
                                      "' is not a duration; write for example 250ms, 1.5s, 2m or 1h");
  }
  return Duration(std::llround(*value * static_cast<double>(scale)));
}

std::string ToString(Duration duration) {
  const int64_t count = duration.count();
  if (count == 0) return "0s";
  // Prefer the largest unit that divides evenly, but "90s" over "1.5m".
  for (auto unit = kUnits.rbegin(); unit != kUnits.rend(); ++unit) {
    if (count % unit->nanoseconds == 0) {
      return std::to_string(count / unit->nanoseconds) + std::string(unit->suffix);
    }
  }
  return std::to_string(count) + "ns";
}

}  // namespace llmdyno
