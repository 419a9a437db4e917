// Which arrival instant belongs to the bytes that are being handed over just now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "llmdyno/base/clock.h"
#include "llmdyno/base/time.h"
#include "llmdyno/net/transport.h"
#include "net/arrival_clock.h"
#include "net/lag_histogram.h"

namespace llmdyno {

// Between Begin and End one socket is being read. A look at its queue says how many bytes a kernel stamp
// vouches for; those that libcurl hands over beyond them came after the look. One per transport; not
// thread-safe.
class ArrivalLedger {
 public:
  ArrivalLedger(const Clock& clock, bool use_kernel_stamps)
      : clock_(clock), use_kernel_stamps_(use_kernel_stamps), stamper_(clock) {}

  // Asks the kernel to stamp what a new socket receives.
  void Enable(int socket) const {
    if (use_kernel_stamps_) ArrivalStamper::Enable(socket);
  }

  // Over HTTP/2 libcurl hands bytes to other streams of a connection later, outside the handling of its
  // socket. From now on the last stamp of each socket is kept for them.
  void ExpectMultiplexing() { may_multiplex_ = true; }

  // The program has just been woken. Everything that is read until the next call arrived before now, or is
  // seen to have come later.
  void WakeUp() { woken_at_ = stamper_.Synchronise(); }

  void Begin(int socket);
  // Looks at what waits, so that what libcurl reads next gets its stamp. Does nothing when it was looked at.
  void Peek();
  // Looks at the bytes themselves; the view is valid until the next call.
  std::string_view Look();
  // Takes bytes that Look has shown out of the queue; what is left is looked at as not handed over yet.
  void Discard(size_t count);
  // How many bytes the last look has shown and Discard has left.
  size_t bytes() const { return waiting_.bytes; }
  void End() { socket_ = -1; }

  // The stamp for bytes that libcurl hands over while a socket is being read.
  ArrivalStamp Take(size_t bytes);
  bool is_reading() const { return socket_ >= 0; }
  // The stamp for bytes that it hands over at another time: an upper bound. `socket` may be negative when
  // libcurl does not know it.
  ArrivalStamp TakeLater(int socket) const;
  void Forget(int socket) { last_stamps_.erase(socket); }

  // Size of what Look shows at most.
  static constexpr size_t kLookBytes = size_t{64} * 1024;

  void AddTo(TransportStats& stats) const;
  void ForgetCounts();

 private:
  void Note(const Waiting& waiting);

  const Clock& clock_;
  const bool use_kernel_stamps_;
  ArrivalStamper stamper_;
  TimePoint woken_at_;
  bool may_multiplex_ = false;

  int socket_ = -1;  // that is being read
  Waiting waiting_;
  size_t taken_ = 0;  // of the bytes that were looked at
  std::unordered_map<int, ArrivalStamp> last_stamps_;

  int64_t kernel_stamps_ = 0;
  int64_t steps_before_ = 0;  // of the wall clock, before the counts began
  LagHistogram read_lag_;
};

}  // namespace llmdyno
