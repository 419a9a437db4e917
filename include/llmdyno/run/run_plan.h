// A run as live objects, ready to be executed once. MakePlan makes it, or the caller from parts of its own; a
// Run consumes it. Belongs to one thread at a time.
#pragma once

#include <memory>
#include <optional>

#include "llmdyno/base/time.h"
#include "llmdyno/core/endpoint.h"
#include "llmdyno/core/record.h"
#include "llmdyno/dialect/dialect.h"
#include "llmdyno/load/load_model.h"
#include "llmdyno/load/stop_condition.h"
#include "llmdyno/run/retry_policy.h"
#include "llmdyno/workload/request_source.h"

namespace llmdyno {

struct RunPlan {
  Endpoint endpoint;
  std::unique_ptr<RequestSource> source;   // what
  std::unique_ptr<LoadModel> load;         // when
  std::shared_ptr<const Dialect> dialect;  // how spelled
  StopCondition stop;
  // How long requests that are in flight at the finish line may take to end before they are cancelled.
  Duration drain_timeout = std::chrono::seconds(30);
  RetryPolicy retry = {};
  RunPhase phase = RunPhase::kMeasured;
  int64_t level = 0;             // which of a series of levels; goes into the records
  int64_t run = 0;               // which repetition of its level; likewise
  int64_t first_request_id = 0;  // phases and levels of one transport must not share ids
  // Of the vectors that an embedding run expects: asked for, or seen in an earlier run. Unset: the first
  // answer's.
  std::optional<int64_t> dimension = {};
  bool keep_texts = false;  // prompts and outputs go into the records
};

}  // namespace llmdyno
