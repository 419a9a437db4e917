#include "selftest/process_usage.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace llmdyno {
namespace {

std::optional<Duration> CpuTime(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return std::nullopt;
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

// The second number of schedstat is the time on the run queue, in nanoseconds.
std::optional<Duration> WaitedTime(pid_t pid) {
  std::optional<Duration> sum;
  std::error_code error;
  const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid) + "/task", error);
  if (error) return std::nullopt;
  for (const auto& task : tasks) {
    int64_t ran_ns = 0;
    int64_t waited_ns = 0;
    std::ifstream file(task.path() / "schedstat");
    if (file >> ran_ns >> waited_ns) sum = sum.value_or(Duration::zero()) + Duration(waited_ns);
  }
  return sum;
}

}  // namespace

ProcessUsage UsageOf(pid_t pid) { return {CpuTime(pid), WaitedTime(pid)}; }

std::optional<double> ShareOf(const std::optional<Duration>& before, const std::optional<Duration>& after,
                              Duration elapsed) {
  if (!before || !after || elapsed <= Duration::zero()) return std::nullopt;
  return std::max(0.0, ToSeconds(*after - *before) / ToSeconds(elapsed));
}

}  // namespace llmdyno
