// When bytes arrived at this machine, by the kernel's own clock.
//
// A user-space stamp measures when the program got round to the bytes. Under continuous batching every stream
// becomes readable at the same instant, so the last one handled would be stamped milliseconds late. The
// kernel stamps each packet as it comes in; SO_TIMESTAMPNS hands that stamp to whoever reads (socket(7)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "llmdyno/base/clock.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// What waits in a socket's receive queue.
struct Waiting {
  size_t bytes = 0;                // 0 also at the end of the stream
  std::optional<TimePoint> stamp;  // arrival of the last of these bytes; absent when the kernel gave none
};

// Kernel stamps are wall-clock time; this maps them to the monotonic clock with an offset that is measured
// anew at every wake-up, so that slewing does not add up and steps are noticed. One per transport; not
// thread-safe.
class ArrivalStamper {
 public:
  explicit ArrivalStamper(const Clock& clock);
  ~ArrivalStamper();
  ArrivalStamper(const ArrivalStamper&) = delete;
  ArrivalStamper& operator=(const ArrivalStamper&) = delete;

  // Asks the kernel to stamp what this socket receives. False where it cannot.
  static bool Enable(int socket);

  // Measures the offset between the two clocks. Returns the monotonic time.
  TimePoint Synchronise();

  // Looks at what waits in the socket without taking it: at most `limit` bytes, as much as the next read will
  // take. The stamp is that of the last of them, hence an upper bound for all and exact for the last.
  Waiting Peek(int socket, size_t limit);

  // As Peek, and shows the bytes themselves; the view is valid until the next call.
  Waiting Look(int socket, size_t limit, std::string_view& bytes);

  // Takes bytes out of the queue that Look has shown, without copying them again.
  void Discard(int socket, size_t count);

  int64_t wall_clock_steps() const { return steps_; }

 private:
  Waiting Receive(int socket, size_t limit, int flags);

  const Clock& clock_;
  int keep_enabled_ = -1;
  Duration offset_{};  // monotonic minus wall
  bool has_offset_ = false;
  int64_t steps_ = 0;
  std::vector<char> scratch_;
};

}  // namespace llmdyno
