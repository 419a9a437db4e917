// Where requests are sent and answers assembled: on the run's own thread, or on a thread for each transport.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "llmdyno/base/wakeable.h"
#include "llmdyno/run/execute_run.h"
#include "run/in_flight_request.h"

namespace llmdyno {

// What of a run's plan the shards need, for as long as they live.
struct ShardSetting {
  const Clock& clock;
  const Dialect& dialect;
  const Redactor& redactor;
  VectorDimension& dimension;
  bool keeps_requests = false;                // what was sent is wanted again after a failure
  std::optional<int64_t> target_tokens = {};  // Poll returns when so many have arrived
};

// Used by the thread of the run loop alone; the listener is called on it, from inside Poll, Send, Recall and
// CancelAll. A request that ends without was_sent was recalled.
class Shards {
 public:
  virtual ~Shards() = default;

  // How long before its instant a request may be handed over. Zero: it is sent inside Send.
  virtual Duration look_ahead() const = 0;

  // An object for the next request. Requests of one lane (a user, say) go by the same shard.
  virtual InFlightRequest& Take(int64_t lane) = 0;
  // Where this request is to be encoded.
  virtual HttpRequest& EncodingOf(InFlightRequest& request) = 0;
  // Sends it at `due`, at once when that is past, and puts the instant into its record; another attempt
  // keeps the first one's.
  virtual void Send(InFlightRequest& request, TimePoint due) = 0;
  // After OnRequestEnded, when nothing more is wanted of it.
  virtual void Release(InFlightRequest& request) = 0;

  // Waits until something happened, the deadline has come or waiting().Wake() was called.
  virtual void Poll(TimePoint deadline) = 0;
  virtual Wakeable& waiting() = 0;

  // Requests that were handed over and wait for their instant are not sent any more: they end, unsent.
  virtual void Recall() = 0;
  // Cancels all that is under way; every request has ended when it returns.
  virtual void CancelAll() = 0;

  // The most requests that were sent and had not ended.
  virtual int64_t peak_in_flight() const = 0;
  // Of each shard's thread, since it was made.
  virtual std::vector<ThreadUsage> Usages() const = 0;
  // Whether they have threads of their own, beside the caller's.
  virtual bool has_own_threads() const = 0;
  // When every request has ended: no more will be sent.
  virtual std::vector<ShardResult> Finish() = 0;
};

}  // namespace llmdyno
