// Where finished records go: logs, progress, metrics. An extension point. The run loop calls it, on its
// thread; whoever reads a record log may do so too.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

// Receives OnRecord and OnFinishLine in the order in which things happened, then Close. Called by one thread;
// need not be thread-safe.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Receives each record once, on the loop thread, when its request has ended. Must not block and must not
  // keep the reference: the record is reused.
  virtual void OnRecord(const RequestRecord& record) = 0;
  // Called once in each run (of a program that measures several levels, in each of them), when the stop
  // condition was met at `line` for `reason` ("target_tokens", "interrupted", …).
  // The records that follow were in flight then.
  virtual void OnFinishLine(TimePoint /*line*/, std::string_view /*reason*/) {}
  // Called once after the last record; reports what could not be kept (a full disk, say).
  virtual absl::Status Close() { return absl::OkStatus(); }
};

}  // namespace llmdyno
