// Runs the benchmarks whose names begin like the argument, all without one, and prints a Markdown table.
#include <cstdio>
#include <string>

#include "measurements.h"

int main(int argc, char* argv[]) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  bool any = false;
  bool all_reached = true;
  std::puts("| work | reach | measured | |\n| --- | --- | --- | --- |");
  for (const llmdyno::Benchmark& benchmark : llmdyno::Benchmarks()) {
    if (!benchmark.name.starts_with(wanted)) continue;
    any = true;
    for (const llmdyno::Measurement& row : benchmark.run()) {
      std::printf("| %s | %s | %s | %s |\n", row.work.c_str(), row.reach.c_str(), row.result.c_str(),
                  row.reached ? "reached" : "not reached");
      std::fflush(stdout);
      all_reached = all_reached && row.reached;
    }
  }
  if (!any) {
    std::fprintf(stderr, "no benchmark begins with '%s'\n", wanted.c_str());
    return 2;
  }
  return all_reached ? 0 : 1;
}
