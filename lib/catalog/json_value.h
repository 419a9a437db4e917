// Reads and writes the values of a JSON text's members, each type in one way.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "llmdyno/base/duration_text.h"
#include "llmdyno/base/money.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

using Json = nlohmann::ordered_json;

// The value as it is quoted in an error: long ones are cut.
inline std::string Quoted(const Json& value) {
  constexpr size_t kLongest = 60;
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  return text;
}

inline absl::Status Expected(const char* what, const Json& value) {
  return absl::InvalidArgumentError(std::string("expected ") + what + ", got " + Quoted(value));
}

inline absl::Status ReadValue(const Json& value, bool& out) {
  if (!value.is_boolean()) return Expected("true or false", value);
  out = value.get<bool>();
  return absl::OkStatus();
}

inline absl::Status ReadValue(const Json& value, std::string& out) {
  if (!value.is_string()) return Expected("a text", value);
  out = value.get<std::string>();
  return absl::OkStatus();
}

// 1e6 and 100.0 are whole numbers, too.
inline std::optional<int64_t> WholeNumber(const Json& value) {
  if (value.is_number_unsigned() && value.get<uint64_t>() > std::numeric_limits<int64_t>::max()) return {};
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_number_float()) return {};
  constexpr double kExactIntegers = 9e15;
  const auto real = value.get<double>();
  if (std::abs(real) > kExactIntegers || real != std::floor(real)) return {};
  return static_cast<int64_t>(real);
}

inline absl::Status ReadValue(const Json& value, int64_t& out) {
  const std::optional<int64_t> whole = WholeNumber(value);
  if (!whole) return Expected("a whole number", value);
  out = *whole;
  return absl::OkStatus();
}

inline absl::Status ReadValue(const Json& value, int& out) {
  const std::optional<int64_t> whole = WholeNumber(value);
  if (!whole || *whole < std::numeric_limits<int>::min() || *whole > std::numeric_limits<int>::max()) {
    return Expected("a whole number below 2^31", value);
  }
  out = static_cast<int>(*whole);
  return absl::OkStatus();
}

inline absl::Status ReadValue(const Json& value, uint64_t& out) {
  const std::optional<int64_t> whole = WholeNumber(value);
  if (value.is_number_unsigned()) {
    out = value.get<uint64_t>();
  } else if (whole && *whole >= 0) {
    out = static_cast<uint64_t>(*whole);
  } else {
    return Expected("a whole number from 0 to 2^64 - 1", value);
  }
  return absl::OkStatus();
}

inline absl::Status ReadValue(const Json& value, double& out) {
  if (!value.is_number()) return Expected("a number", value);
  out = value.get<double>();
  return absl::OkStatus();
}

inline absl::Status ReadValue(const Json& value, Duration& out) {
  constexpr const char* kExpected = R"(a duration such as "250ms", or a number of seconds from 0 on)";
  if (value.is_string()) {
    const auto parsed = ParseDuration(value.get<std::string>());
    if (!parsed.ok()) return Expected(kExpected, value);
    out = *parsed;
    return absl::OkStatus();
  }
  constexpr double kMostSeconds = 9e9;
  if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= kMostSeconds)) {
    return Expected(kExpected, value);
  }
  out = FromSeconds(value.get<double>());
  return absl::OkStatus();
}

inline absl::Status ReadValue(const Json& value, MicroUsd& out) {
  constexpr double kMostUsd = 1e9;
  if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= kMostUsd)) {
    return Expected("US dollars from 0 to 1000000000", value);
  }
  out = MicroUsd::FromUsd(value.get<double>());
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadValue(const Json& value, std::optional<T>& out) {
  if (value.is_null()) {
    out.reset();
    return absl::OkStatus();
  }
  T read{};
  const absl::Status status = ReadValue(value, read);
  if (status.ok()) out = std::move(read);
  return status;
}

inline Json WrittenValue(bool value) { return value; }
inline Json WrittenValue(const std::string& value) { return value; }
inline Json WrittenValue(int64_t value) { return value; }
inline Json WrittenValue(int value) { return value; }
inline Json WrittenValue(uint64_t value) { return value; }
inline Json WrittenValue(double value) { return value; }
inline Json WrittenValue(Duration value) { return ToString(value); }
inline Json WrittenValue(MicroUsd value) { return value.Usd(); }
template <typename T>
Json WrittenValue(const std::optional<T>& value) {
  return value ? WrittenValue(*value) : Json(nullptr);
}

}  // namespace llmdyno
