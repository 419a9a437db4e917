// Keeps client and endpoint apart: on one core each would delay the other, and the delay would be measured.
#pragma once

#include <vector>

namespace llmdyno {

struct CoreSplit {
  std::vector<int> client;
  std::vector<int> endpoint;  // both empty: there is one core, and both share it
};

// Of the cores that this process may use: the endpoint gets the first, and the second where there are four
// or more (its log is written by a thread of its own); the client gets the others.
CoreSplit SplitCores();

// Keeps the calling thread, and those that it starts, on these cores; does nothing when there are none.
// False when the system refuses. May be called between fork and exec.
bool KeepOn(const std::vector<int>& cores);

}  // namespace llmdyno
