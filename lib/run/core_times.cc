#include "run/core_times.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace llmdyno {

std::optional<CoreTimes> ReadCoreTimes() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return std::nullopt;
  std::ifstream file("/proc/stat");
  CoreTimes times;
  for (std::string line; std::getline(file, line);) {
    // "cpu3 user nice system idle iowait irq softirq steal guest guest_nice"; the line "cpu " is of all.
    if (!line.starts_with("cpu") || line.size() < 4 || line[3] == ' ') continue;
    const int core = std::atoi(line.c_str() + 3);
    if (core < 0 || core >= CPU_SETSIZE || !CPU_ISSET(core, &allowed)) continue;
    std::istringstream fields(line.substr(line.find(' ')));
    std::array<int64_t, 8> ticks{};
    for (int64_t& field : ticks) fields >> field;
    const int64_t idle = ticks[3] + ticks[4];
    int64_t all = 0;
    for (const int64_t field : ticks) all += field;
    times.all += all;
    times.busy += all - idle;
  }
  if (times.all == 0) return std::nullopt;
  return times;
}

std::optional<double> BusyShare(const std::optional<CoreTimes>& before, const std::optional<CoreTimes>& now) {
  if (!before || !now || now->all <= before->all) return std::nullopt;
  const double share =
      static_cast<double>(now->busy - before->busy) / static_cast<double>(now->all - before->all);
  return std::clamp(share, 0.0, 1.0);  // the kernel's idle time may go back by a tick
}

}  // namespace llmdyno
