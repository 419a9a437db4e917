// How long a thread has been on a processor.
#pragma once

#include <pthread.h>

#include <ctime>

#include "llmdyno/base/time.h"

namespace llmdyno {

inline Duration CpuTimeOf(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) return Duration::zero();
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

inline Duration ThreadCpuTime() { return CpuTimeOf(CLOCK_THREAD_CPUTIME_ID); }

// Of another thread that has not been joined.
inline Duration ThreadCpuTime(pthread_t thread) {
  clockid_t clock{};
  return pthread_getcpuclockid(thread, &clock) == 0 ? CpuTimeOf(clock) : Duration::zero();
}

}  // namespace llmdyno
