// epoll, a timer and a way to be woken, as one thing to wait on.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// Owned and used by one thread; only Wake may be called from elsewhere.
class EventPoller {
 public:
  EventPoller() = default;
  ~EventPoller();
  EventPoller(const EventPoller&) = delete;
  EventPoller& operator=(const EventPoller&) = delete;

  absl::Status Open();

  // Begins to watch a socket, or changes what is watched for; `events` are epoll's. A socket that is ready
  // when this is called announces itself, also an edge-triggered one that had announced itself before.
  void Add(int socket, uint32_t events) { Control(EPOLL_CTL_ADD, socket, events); }
  void Modify(int socket, uint32_t events) { Control(EPOLL_CTL_MOD, socket, events); }
  void Remove(int socket) { Control(EPOLL_CTL_DEL, socket, 0); }

  // Waits until a socket is ready, `until` has come, or Wake was called; does not wait at all when `until` is
  // not after `now`. At most 64 ready sockets at once, so that the caller gets to do other things, such as
  // sending what has become due; valid until the next call.
  //
  // To sleep until an instant is to wake up 30 to 100 us after it. `is_punctual` sleeps a little less and
  // stays awake for the rest: a microsecond or two late, for up to 60 us of processor time at each such
  // instant. That is 0.06 % of a core at 10 requests a second and 12 % at 2000; at rates where it would be
  // all of a core, the requests themselves leave no time to sleep.
  std::span<const epoll_event> Wait(TimePoint now, TimePoint until, bool is_punctual = false);

  // How long it has stayed awake with nothing to do: processor time that is no work.
  Duration time_awake() const { return time_awake_; }
  void ForgetTimeAwake() { time_awake_ = {}; }

  // From any thread and from signal handlers.
  void Wake() const;

 private:
  void Control(int operation, int socket, uint32_t events) const;
  void ArmTimer(TimePoint at);
  // What is ready, our own two descriptors taken out.
  std::span<const epoll_event> Collect(bool may_block);

  int epoll_ = -1;
  int timer_ = -1;
  int wake_ = -1;
  TimePoint timer_armed_for_ = kEndOfTime;
  Duration time_awake_{};
  bool timer_fired_ = false;  // by the last Collect
  bool was_woken_ = false;    // likewise, by Wake or by a signal
  std::array<epoll_event, 64> events_;
};

}  // namespace llmdyno
