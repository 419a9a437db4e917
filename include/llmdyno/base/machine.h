// The machine that a figure was measured on, as far as it shows: so that a figure is not taken for another's.
// Benchmarks write it into their results; comparisons read it back. Plain values and pure functions,
// ReadMachine apart, which any thread may call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace llmdyno {

// What could not be read is empty.
struct Machine {
  int64_t cores = 0;       // that this process may use
  std::string cpu_model;   // "Intel(R) Xeon(R) Processor"
  std::string kernel;      // "Linux 6.1.0 x86_64"
  std::string governor;    // of the frequency of the first core: "performance"
  uint64_t host_hash = 0;  // of the host's name, which itself is nobody's business; 0: no name
  friend bool operator==(const Machine&, const Machine&) = default;
};

// Reads a few files of /proc and /sys; not for a hot path.
Machine ReadMachine();

// "2 cores, Intel(R) Xeon(R) Processor, Linux 6.1.0 x86_64, governor performance"; says what is unknown.
std::string ToString(const Machine& machine);

// What is different "here" to make figures of `there` doubtful, each as a clause: "its CPU was A and here it
// is B". What is unknown on either side is no difference.
std::vector<std::string> MachineDifferences(const Machine& there, const Machine& here);

}  // namespace llmdyno
