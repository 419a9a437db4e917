// What the bare loops share: plain connections in one epoll, one buffer, and the time that they may take.
#pragma once

#include <simdjson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "bare_epoll_loop.h"
#include "process.h"

namespace llmdyno {

class BareLoop {
 public:
  static constexpr size_t kBufferBytes = 64 * 1024;

  BareLoop(int port, int connections) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (int i = 0; i < connections; ++i) {
      const int socket = ConnectTo(port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = socket;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
      sockets_.push_back(socket);
    }
  }
  ~BareLoop() {
    for (const int socket : sockets_) ::close(socket);
    ::close(epoll_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  const std::vector<int>& sockets() const { return sockets_; }
  const char* buffer_end() const { return buffer_.data() + buffer_.size(); }  // with simdjson's spare bytes

  // Reads for `seconds`. `on_read(socket, bytes, n)` is told what recv has said and returns what it counts.
  template <typename OnRead>
  BareLoopResult Run(double seconds, OnRead on_read) {
    BareLoopResult result;
    const double cpu_before = OwnCpuSeconds();
    const int64_t end_at = MonotonicNanoseconds() + static_cast<int64_t>(seconds * 1e9);
    while (MonotonicNanoseconds() < end_at) {
      const int count = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), 100);
      for (int i = 0; i < count; ++i) {
        const int socket = events_[static_cast<size_t>(i)].data.fd;
        result.count += on_read(socket, buffer_.data(), ::recv(socket, buffer_.data(), kBufferBytes, 0));
      }
    }
    result.cpu_seconds = OwnCpuSeconds() - cpu_before;
    return result;
  }

 private:
  const int epoll_;
  std::vector<int> sockets_;
  std::vector<char> buffer_ = std::vector<char>(kBufferBytes + simdjson::SIMDJSON_PADDING);
  std::vector<epoll_event> events_ = std::vector<epoll_event>(512);
};

}  // namespace llmdyno
