// The dimension that the vectors of a run have in common.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace llmdyno {

// One for all requests of a run, whatever thread decodes them. An endpoint that answers with vectors of
// different lengths would be averaged in without anybody noticing. Thread-safe.
class VectorDimension {
 public:
  // `known` was asked for, or seen before; else the first answer fixes it.
  explicit VectorDimension(std::optional<int64_t> known) : dimension_(known.value_or(kUnknown)) {}

  // Empty when it agrees, else what is wrong.
  std::string Check(int64_t dimension) {
    int64_t expected = kUnknown;
    if (dimension_.compare_exchange_strong(expected, dimension) || expected == dimension) return "";
    return "the vectors have " + std::to_string(dimension) + " numbers, expected " + std::to_string(expected);
  }
  std::optional<int64_t> dimension() const {
    const int64_t known = dimension_.load();
    return known == kUnknown ? std::nullopt : std::optional(known);
  }

 private:
  static constexpr int64_t kUnknown = -1;
  std::atomic<int64_t> dimension_;
};

}  // namespace llmdyno
