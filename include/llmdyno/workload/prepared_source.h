// Gives out requests that were prepared before the run (RequestPreparer). Sweeps hand it to each of their
// runs. Used by the run's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "llmdyno/core/request.h"
#include "llmdyno/workload/request_source.h"

namespace llmdyno {

class PreparedSource : public RequestSource {
 public:
  // How often the first request was given out: more than once means that prompts came round again, and that
  // an engine may have remembered them. 0 before the first.
  virtual int64_t passes() const = 0;
};

// In the order given, with the ids 0, 1, … whatever ids they had. Once the last one was given out the source
// is exhausted, or, with `repeat`, begins again from the first. Requests are handed on without being copied
// unless they may be needed again. Without requests it is exhausted from the start.
std::unique_ptr<PreparedSource> MakePreparedSource(std::vector<Request> requests, bool repeat);

}  // namespace llmdyno
