#include "run/thread_usage.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "run/thread_cpu_time.h"

namespace llmdyno {

std::optional<Duration> RunQueueWait(pid_t thread) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", static_cast<int>(thread));
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  char text[128];
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return std::nullopt;
  text[size] = '\0';
  // Time on a processor, time on the run queue (both in nanoseconds), times it was put on a processor.
  long long ran_ns = 0;
  long long waited_ns = 0;
  if (std::sscanf(text, "%lld %lld", &ran_ns, &waited_ns) != 2) return std::nullopt;
  return Duration(waited_ns);
}

pid_t ThisThread() { return ::gettid(); }

ThreadUsage UsageOfThisThread() { return {ThreadCpuTime(), RunQueueWait(ThisThread())}; }

ThreadUsage UsageSince(const ThreadUsage& before) {
  ThreadUsage usage = UsageOfThisThread();
  usage.cpu_time -= before.cpu_time;
  if (usage.run_queue_wait && before.run_queue_wait) {
    *usage.run_queue_wait -= *before.run_queue_wait;
  } else {
    usage.run_queue_wait.reset();
  }
  return usage;
}

}  // namespace llmdyno
