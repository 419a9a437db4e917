// Makes the requests of a run before its clock starts, so that neither tokenizers nor image encoders are ever
// on the measured path. Sweeps and embedding benchmarks ask it before each run.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/core/request.h"

namespace llmdyno {

// Used by one thread. What it was made from (rows, a token counter) must outlive it.
class RequestPreparer {
 public:
  virtual ~RequestPreparer() = default;

  // `count` requests with the ids 0, 1, …; the same ones for the same Rng, whatever was prepared before. A
  // preparer that has only so many (size()) gives no more than that. Needs count >= 1. An error when a
  // request cannot be made as it was asked for.
  virtual absl::StatusOr<std::vector<Request>> Prepare(int64_t count, Rng rng) = 0;

  // How many requests there are; nothing when there is no end to them.
  virtual std::optional<int64_t> size() const { return std::nullopt; }
};

}  // namespace llmdyno
