// What docs/performance.md states, one function for each row of its table.
#pragma once

#include <string>
#include <vector>

namespace llmdyno {

struct Measurement {
  std::string work;
  std::string reach;   // the goal
  std::string result;  // what this machine did
  bool reached = false;
};

struct Benchmark {
  std::string name;
  std::vector<Measurement> (*run)();
};

const std::vector<Benchmark>& Benchmarks();

}  // namespace llmdyno
