// Starts programs pinned to one processor and accounts for what they used.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace llmdyno {

struct ProcessOptions {
  int cpu = 0;                            // -1: wherever the scheduler likes
  std::string output_path = "/dev/null";  // standard output and standard error
  std::vector<std::pair<std::string, std::string>> environment;
};

struct ProcessResult {
  int exit_status = -1;
  double cpu_seconds = 0;  // user and system, of the whole process
  int64_t peak_memory_bytes = 0;
  int64_t launched_at_ns = 0;  // monotonic, right before the fork
};

class Process {
 public:
  Process(std::vector<std::string> arguments, const ProcessOptions& options);
  ~Process();  // ends it when it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Terminate();
  // Between the two it does nothing; the kernel goes on accepting connections and bytes for it.
  void Pause();
  void Resume();
  ProcessResult Wait();

 private:
  pid_t pid_ = -1;
  int64_t launched_at_ns_ = 0;
};

int64_t MonotonicNanoseconds();
// Processor seconds of this process so far.
double OwnCpuSeconds();
// Keeps the calling thread on one processor.
void PinTo(int cpu);

}  // namespace llmdyno
