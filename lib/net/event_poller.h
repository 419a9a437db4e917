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
  // not after `now`. At most 512 ready sockets at once, so that the caller gets to do other things; valid
  // until the next call.
  std::span<const epoll_event> Wait(TimePoint now, TimePoint until);

  // From any thread and from signal handlers.
  void Wake() const;

 private:
  void Control(int operation, int socket, uint32_t events) const;
  void ArmTimer(TimePoint at);

  int epoll_ = -1;
  int timer_ = -1;
  int wake_ = -1;
  TimePoint timer_armed_for_ = kEndOfTime;
  std::array<epoll_event, 512> events_;
};

}  // namespace llmdyno
