#include "net/event_poller.h"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>

namespace llmdyno {
namespace {

// Longer than nearly all wake-ups take on a machine that has a core to spare.
constexpr Duration kAwakeBefore = std::chrono::microseconds(60);

// Read here and not from a Clock: the timer runs by this clock and by no other.
TimePoint MonotonicNow() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return TimePoint(std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec));
}

}  // namespace

EventPoller::~EventPoller() {
  for (const int fd : {epoll_, timer_, wake_}) {
    if (fd >= 0) ::close(fd);
  }
}

absl::Status EventPoller::Open() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (epoll_ < 0 || timer_ < 0 || wake_ < 0) {
    return absl::UnavailableError(std::string("cannot open the descriptors that a transport needs: ") +
                                  std::strerror(errno));
  }
  Add(timer_, EPOLLIN);
  Add(wake_, EPOLLIN);
  return absl::OkStatus();
}

void EventPoller::Control(int operation, int socket, uint32_t events) const {
  epoll_event event{};
  event.data.fd = socket;
  event.events = events;
  ::epoll_ctl(epoll_, operation, socket, &event);
}

std::span<const epoll_event> EventPoller::Wait(TimePoint now, TimePoint until, bool is_punctual) {
  if (until <= now) return Collect(false);
  if (!is_punctual || until == kEndOfTime) {
    ArmTimer(until);
    return Collect(true);
  }
  if (until - now > kAwakeBefore) {
    ArmTimer(until - kAwakeBefore);
    const std::span<const epoll_event> ready = Collect(true);
    if (!ready.empty() || was_woken_ || !timer_fired_) return ready;
  }
  const TimePoint awake_since = MonotonicNow();
  for (;;) {
    const std::span<const epoll_event> ready = Collect(false);
    const TimePoint at = MonotonicNow();
    if (ready.empty() && !was_woken_ && at < until) continue;
    time_awake_ += at - awake_since;
    return ready;
  }
}

std::span<const epoll_event> EventPoller::Collect(bool may_block) {
  const int count =
      ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), may_block ? -1 : 0);
  timer_fired_ = false;
  was_woken_ = count < 0;
  // The order of the others does not matter.
  size_t ready = count > 0 ? static_cast<size_t>(count) : 0;
  for (size_t i = 0; i < ready;) {
    const int fd = events_[i].data.fd;
    if (fd != timer_ && fd != wake_) {
      ++i;
      continue;
    }
    uint64_t ticks = 0;
    const bool was_read = ::read(fd, &ticks, sizeof ticks) > 0;
    if (fd == wake_) was_woken_ = true;
    if (fd == timer_ && was_read) {
      timer_fired_ = true;
      timer_armed_for_ = kEndOfTime;
    }
    events_[i] = events_[--ready];
  }
  return std::span(events_).first(ready);
}

void EventPoller::Wake() const {
  const uint64_t one = 1;
  // May run in a signal handler: nothing but the write. A full counter means that a wake-up is due already.
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

void EventPoller::ArmTimer(TimePoint at) {
  if (at == timer_armed_for_) return;  // setting it anew would cost a system call at every wake-up
  itimerspec spec{};
  if (at != kEndOfTime) {
    const int64_t count = std::max<int64_t>(1, at.time_since_epoch().count());
    spec.it_value.tv_sec = count / 1'000'000'000;
    spec.it_value.tv_nsec = count % 1'000'000'000;
  }
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
  timer_armed_for_ = at;
}

}  // namespace llmdyno
