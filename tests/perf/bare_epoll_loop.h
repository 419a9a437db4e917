// The floor: the least that a client can do. Raw sockets, one epoll loop, recv, find the events, parse each
// with simdjson, count. No record, no clock, no connection handling; what llmdyno does beyond it is what its
// numbers cost.
#pragma once

#include <cstdint>

namespace llmdyno {

struct BareLoopResult {
  int64_t count = 0;       // of tokens, or of what else the loop does
  double cpu_seconds = 0;  // of the loop alone, without connecting
};

// A connection to a loopback port; exits with a message when there is none.
int ConnectTo(int port);

// Opens `streams` streamed chat completions on a loopback port and reads them for `seconds`, on this thread.
BareLoopResult RunBareLoop(int port, int streams, double seconds);

}  // namespace llmdyno
