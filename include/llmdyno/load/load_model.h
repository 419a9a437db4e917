// Decides when the next request is sent, and by which user. An extension point by way of ArrivalProcess. The
// run loop asks it.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "llmdyno/base/time.h"
#include "llmdyno/core/outcome.h"

namespace llmdyno {

// What a load model may know of the run so far.
struct LoadState {
  TimePoint now;
  TimePoint started_at;  // when the phase began
  int64_t issued = 0;
  int64_t in_flight = 0;
  int64_t completed = 0;  // ended, whatever the outcome
};

// Send the next request then, on behalf of this user.
struct IssueAt {
  TimePoint at;  // in the past when the model has fallen behind
  int64_t user_id = 0;
};
// Nothing can be decided before a request has ended.
struct AwaitCompletion {};
// No further request will be sent.
struct LoadFinished {};
// What Next() answers.
using LoadDecision = std::variant<IssueAt, AwaitCompletion, LoadFinished>;

// The run loop asks after every event. Decisions depend on the states and outcomes passed in and on nothing
// else, so a whole load profile can be tested by calling Next() with made-up states. Not thread-safe; owned
// by one run.
class LoadModel {
 public:
  virtual ~LoadModel() = default;

  // The earliest instant at which the next request should be sent, and who sends it. Asking again before it
  // is issued gives the same answer. Returns AwaitCompletion only while state.in_flight > 0.
  virtual LoadDecision Next(const LoadState& state) = 0;

  // The request that Next announced was sent.
  virtual void OnIssued(const LoadState& state) = 0;

  // A request of this user has ended.
  virtual void OnFinished(int64_t user_id, const Outcome& outcome, const LoadState& state) = 0;

  // How many users there will be once all have begun; absent when users are not this model's idea. They begin
  // in the order of their ids.
  virtual std::optional<int64_t> user_count() const { return std::nullopt; }

  // Users that have begun and not left; for display.
  virtual int64_t active_users(const LoadState& state) const = 0;
};

}  // namespace llmdyno
