#include "selftest/cores.h"

#include <sched.h>

namespace llmdyno {

CoreSplit SplitCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> usable;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(static_cast<size_t>(core), &set)) usable.push_back(core);
    }
  }
  if (usable.size() < 2) return {};
  const auto border = usable.begin() + (usable.size() >= 4 ? 2 : 1);
  return {{border, usable.end()}, {usable.begin(), border}};
}

bool KeepOn(const std::vector<int>& cores) {
  if (cores.empty()) return true;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(static_cast<size_t>(core), &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace llmdyno
