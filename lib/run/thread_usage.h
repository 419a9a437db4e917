// What a thread has had of the processors, and what it was denied.
#pragma once

#include <sys/types.h>

#include <optional>

#include "llmdyno/base/time.h"
#include "llmdyno/run/execute_run.h"

namespace llmdyno {

// For how long a thread of this process was ready to run while its processor had other work: the second
// figure of /proc/self/task/TID/schedstat. Nothing where the kernel does not tell. Opens and reads a file;
// for the beginning and the end of a run.
std::optional<Duration> RunQueueWait(pid_t thread);

// The calling thread.
pid_t ThisThread();

// Of the calling thread since it began, and since `before`.
ThreadUsage UsageOfThisThread();
ThreadUsage UsageSince(const ThreadUsage& before);

}  // namespace llmdyno
