// Which sockets libcurl wants watched, and whose they are.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <vector>

#include "net/curl_transfer.h"
#include "net/event_poller.h"

namespace llmdyno {

// Owned and used by one thread. A level-triggered socket is asked for its state twice for each token: when it
// is ready, and again at the next wait. Plain sockets are watched by their edges where the caller allows it.
class SocketWatch {
 public:
  // `allow_edges`: the caller looks at a socket's queue before each read, so that it knows when something is
  // left.
  SocketWatch(EventPoller& poller, bool allow_edges) : poller_(poller), allow_edges_(allow_edges) {}

  // CURLMOPT_SOCKETFUNCTION's CURL_POLL_IN, OUT or INOUT.
  void Watch(curl_socket_t socket, int what, CurlTransfer& transfer);
  // CURL_POLL_REMOVE. libcurl lets go of a connection's socket at the end of each response and takes it up
  // again with the next request. Where epoll says something only when something comes, it can stay: nothing
  // comes in between but the end of the connection. That saves two system calls a request.
  void Unwatch(curl_socket_t socket);
  // The descriptor is new, or closed: epoll forgets it by itself.
  void Forget(curl_socket_t socket);

  // Whose socket it is; without TLS a socket serves one transfer at a time, and none (null) while it is kept
  // for the next.
  CurlTransfer* TransferOf(int socket) const { return sockets_[static_cast<size_t>(socket)].transfer; }
  bool IsEdgeTriggered(int socket) const {
    return (sockets_[static_cast<size_t>(socket)].events & EPOLLET) != 0;
  }
  // What is left in an edge-triggered socket has announced itself already and would not do so again. (A
  // level-triggered one does; and one that libcurl has let go in the meantime must not.)
  void AnnounceAgain(int socket);

 private:
  struct Socket {
    uint32_t events = 0;  // what epoll was asked for; 0: nothing
    CurlTransfer* transfer = nullptr;
  };
  Socket& At(curl_socket_t socket);

  EventPoller& poller_;
  const bool allow_edges_;
  std::vector<Socket> sockets_;  // by descriptor
};

}  // namespace llmdyno
