// What to send: a sequence of requests. An extension point. The run loop asks it.
#pragma once

#include <variant>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/core/request.h"

namespace llmdyno {

// The next request is not to be drawn before an instant.
struct NotBefore {
  TimePoint at;  // a trace's own time
};
struct AwaitResponse {};  // the next request depends on one that is under way (a conversation's next turn)
// There is no further request, now and from then on.
struct Exhausted {};
// What Next() answers.
using NextRequest = std::variant<Request, NotBefore, AwaitResponse, Exhausted>;

// Owned by one run, called on its thread. The sequence depends on the seed and on what OnFinished was told,
// never on the load: the same seed sends the same requests in the same order.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  // The next request, whose id is its position in the sequence from 0; or why there is none now. Called when
  // a request is due, so it must not block.
  virtual NextRequest Next(TimePoint now) = 0;
  // Told of every request that has ended.
  virtual void OnFinished(const RequestRecord& /*record*/) {}
  // Told of a request that the run's dialect cannot carry: it is not sent, and the run ends.
  virtual void OnRefused(const Request& /*request*/, const absl::Status& /*why*/) {}
};

}  // namespace llmdyno
