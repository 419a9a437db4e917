#include "net/socket_watch.h"

#include <utility>

namespace llmdyno {

SocketWatch::Socket& SocketWatch::At(curl_socket_t socket) {
  const auto index = static_cast<size_t>(socket);
  if (sockets_.size() <= index) sockets_.resize(index + 1);
  return sockets_[index];
}

void SocketWatch::Watch(curl_socket_t socket, int what, CurlTransfer& transfer) {
  uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  // The edge is enough without TLS: libcurl's one read takes all that a look has shown, the transport sees to
  // the exception, and what comes later is a new edge. Not while a request is being written: libcurl writes a
  // piece at each call and leaves it at that, with room left.
  const bool is_writing = (what & CURL_POLL_OUT) != 0;
  if (transfer.is_plain() && allow_edges_ && !is_writing) events |= EPOLLET | EPOLLRDHUP;
  Socket& watched = At(socket);
  const uint32_t events_before = std::exchange(watched.events, events);
  watched.transfer = &transfer;
  if (events_before == 0) {
    poller_.Add(socket, events);
  } else if (events_before != events) {
    poller_.Modify(socket, events);
  }
}

void SocketWatch::Unwatch(curl_socket_t socket) {
  Socket& watched = At(socket);
  watched.transfer = nullptr;
  if ((watched.events & EPOLLET) != 0) return;
  if (watched.events != 0) poller_.Remove(socket);
  watched.events = 0;
}

void SocketWatch::Forget(curl_socket_t socket) {
  if (const auto index = static_cast<size_t>(socket); index < sockets_.size()) sockets_[index] = {};
}

void SocketWatch::AnnounceAgain(int socket) {
  const Socket watched = sockets_[static_cast<size_t>(socket)];
  if ((watched.events & EPOLLET) != 0 && watched.transfer != nullptr) poller_.Modify(socket, watched.events);
}

}  // namespace llmdyno
