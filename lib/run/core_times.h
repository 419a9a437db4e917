// How busy the processor cores are that the calling thread may use, with whatever work.
#pragma once

#include <cstdint>
#include <optional>

namespace llmdyno {

struct CoreTimes {
  int64_t busy = 0;  // in the kernel's ticks, usually of 10 ms; what a hypervisor took included
  int64_t all = 0;
};

// Of all cores that it may use, since the machine started. Nothing where /proc/stat does not tell.
std::optional<CoreTimes> ReadCoreTimes();

// The busy share between two of them, 0 to 1; nothing when no tick has passed.
std::optional<double> BusyShare(const std::optional<CoreTimes>& before, const std::optional<CoreTimes>& now);

}  // namespace llmdyno
