#include "net/arrival_clock.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace llmdyno {
namespace {

// More than slewing (500 ppm) or the gap between two clock reads can explain.
constexpr Duration kStep = std::chrono::milliseconds(1);

}  // namespace

ArrivalStamper::ArrivalStamper(const Clock& clock) : clock_(clock) {
  // The kernel begins to stamp packets when the first socket asks for it, a little after the call. A socket
  // that is held open for the transport's life makes sure that this has happened before any traffic.
  keep_enabled_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (keep_enabled_ >= 0) Enable(keep_enabled_);
  Synchronise();
}

ArrivalStamper::~ArrivalStamper() {
  if (keep_enabled_ >= 0) ::close(keep_enabled_);
}

bool ArrivalStamper::Enable(int socket) {
#ifdef SO_TIMESTAMPNS
  const int on = 1;
  return ::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
#else
  (void)socket;
  return false;
#endif
}

TimePoint ArrivalStamper::Synchronise() {
  const TimePoint now = clock_.Now();
  const Duration offset = now.time_since_epoch() - clock_.WallNow().time_since_epoch();
  if (has_offset_ && std::chrono::abs(offset - offset_) > kStep) ++steps_;
  offset_ = offset;
  has_offset_ = true;
  return now;
}

Waiting ArrivalStamper::Peek(int socket, size_t limit) {
  // With MSG_TRUNC a TCP socket counts the bytes without copying them (tcp(7)).
  return Receive(socket, limit, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
}

Waiting ArrivalStamper::Look(int socket, size_t limit, std::string_view& bytes) {
  const Waiting waiting = Receive(socket, limit, MSG_PEEK | MSG_DONTWAIT);
  bytes = {scratch_.data(), waiting.bytes};
  return waiting;
}

void ArrivalStamper::Discard(int socket, size_t count) {
  while (count > 0) {
    // Nothing is written to the buffer; tools that check memory accesses want one all the same.
    const ssize_t taken = ::recv(socket, scratch_.data(), count, MSG_TRUNC | MSG_DONTWAIT);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) return;  // cannot be: the bytes were seen in the queue
    count -= static_cast<size_t>(taken);
  }
}

Waiting ArrivalStamper::Receive(int socket, size_t limit, int flags) {
  if (scratch_.size() < limit) scratch_.resize(limit);
  alignas(cmsghdr) char control[64];
  iovec piece{scratch_.data(), limit};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t count = ::recvmsg(socket, &message, flags);
  Waiting waiting;
  if (count <= 0) return waiting;
  waiting.bytes = static_cast<size_t>(count);
#ifdef SO_TIMESTAMPNS
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(header))) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
    waiting.stamp = TimePoint(std::chrono::seconds(stamp.tv_sec) + Duration(stamp.tv_nsec) + offset_);
  }
#endif
  return waiting;
}

}  // namespace llmdyno
