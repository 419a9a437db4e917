// The floor for short answers: the least that a client can do for a request. Kept connections, one epoll
// loop, send a body made beforehand, recv the answer, parse it with simdjson, send the next.
#pragma once

#include "bare_epoll_loop.h"

namespace llmdyno {

// Keeps `connections` whole (not streamed) chat completions of a few tokens under way on a loopback port for
// `seconds`, on this thread, and counts those that were answered.
BareLoopResult RunBareRequestLoop(int port, int connections, double seconds);

}  // namespace llmdyno
