// A fixed number of users, each sending its next request when the last one has ended. Races and serving runs
// at a fixed concurrency use it. Called by the run's thread.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/random.h"
#include "llmdyno/base/time.h"
#include "llmdyno/load/load_model.h"

namespace llmdyno {

// How many users there are, how they begin, and what they do after a failure.
struct ClosedLoopConfig {
  int64_t users = 80;
  // Users begin one by one at this rate; 0 lets all begin at once.
  double ramp_users_per_second = 20;
  // After a failure its user waits before trying again, so that a dead or refusing endpoint is not hammered:
  // first_backoff, doubled with every further failure of that user up to max_backoff, plus or minus half of
  // it at random. A Retry-After counts instead when it asks for more, up to max_retry_after.
  Duration first_backoff = std::chrono::milliseconds(100);
  Duration max_backoff = std::chrono::seconds(5);
  Duration max_retry_after = std::chrono::seconds(60);

  // The first problem in a sentence, naming the field and the accepted range.
  absl::Status Validate() const;
};

// `rng` jitters the back-off and is used for nothing else. InvalidArgument for a config that Validate()
// refuses.
absl::StatusOr<std::unique_ptr<LoadModel>> MakeClosedLoop(const ClosedLoopConfig& config, Rng rng);

}  // namespace llmdyno
