// What a process has used of the processors, and what it was denied.
#pragma once

#include <sys/types.h>

#include <optional>

#include "llmdyno/base/time.h"

namespace llmdyno {

struct ProcessUsage {
  std::optional<Duration> cpu;     // user and system, of all threads so far
  std::optional<Duration> waited;  // in which threads that live now were ready to run and had no core
};

// Absent is what the system does not tell.
ProcessUsage UsageOf(pid_t pid);

// The part of `elapsed` between two of them, for each that both know; 1 is one core all the time.
std::optional<double> ShareOf(const std::optional<Duration>& before, const std::optional<Duration>& after,
                              Duration elapsed);

}  // namespace llmdyno
