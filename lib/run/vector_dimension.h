// The dimension that the vectors of a run have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace llmdyno {

// One for all requests of a loop. An endpoint that answers with vectors of different lengths would be
// averaged in without anybody noticing; used by one thread.
class VectorDimension {
 public:
  // `known` was asked for, or seen before; else the first answer fixes it.
  explicit VectorDimension(std::optional<int64_t> known) : dimension_(known) {}

  // Empty when it agrees, else what is wrong.
  std::string Check(int64_t dimension) {
    if (!dimension_) dimension_ = dimension;
    if (*dimension_ == dimension) return "";
    return "the vectors have " + std::to_string(dimension) + " numbers, expected " +
           std::to_string(*dimension_);
  }
  std::optional<int64_t> dimension() const { return dimension_; }

 private:
  std::optional<int64_t> dimension_;
};

}  // namespace llmdyno
