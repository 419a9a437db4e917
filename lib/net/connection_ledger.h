// What TCP has to tell about the connections of a transport: how much it sent, and how much of it again.
#pragma once

#include <cstdint>
#include <vector>

#include "llmdyno/net/transport.h"

namespace llmdyno {

// One system call for each connection when it is closed, and one for each open one when somebody asks;
// nothing per request. Owned and used by one thread.
class ConnectionLedger {
 public:
  void Opened(int socket);
  // Before the descriptor is closed. Sockets that were not opened here are ignored.
  void Closing(int socket);
  // Counts anew: what open connections have sent so far is forgotten.
  void ForgetCounts();
  void AddTo(TransportStats& stats) const;

 private:
  struct Counts {
    int64_t segments = 0;
    int64_t again = 0;
  };
  struct Connection {
    bool is_open = false;
    Counts before;  // the counts began
  };
  static Counts Ask(int socket);
  Counts Since(int socket) const;

  std::vector<Connection> connections_;  // by descriptor
  Counts of_closed_;
};

}  // namespace llmdyno
