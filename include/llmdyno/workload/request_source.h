// What to send: a sequence of requests. An extension point.
#pragma once

#include <variant>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"
#include "llmdyno/core/record.h"
#include "llmdyno/core/request.h"

namespace llmdyno {

struct NotBefore {
  TimePoint at;  // a trace's own time
};
struct AwaitResponse {};  // the next request depends on one that is under way (a conversation's next turn)
struct Exhausted {};
using NextRequest = std::variant<Request, NotBefore, AwaitResponse, Exhausted>;

// Owned by one run, called on its thread. The sequence depends on the seed and on what OnFinished was told,
// never on the load: the same seed sends the same requests in the same order.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  virtual NextRequest Next(TimePoint now) = 0;
  // Told of every request that has ended.
  virtual void OnFinished(const RequestRecord& /*record*/) {}
  // Told of a request that the run's dialect cannot carry: it is not sent, and the run ends.
  virtual void OnRefused(const Request& /*request*/, const absl::Status& /*why*/) {}
};

}  // namespace llmdyno
