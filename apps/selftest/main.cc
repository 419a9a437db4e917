// llmdyno-selftest: how exact is this client, on this machine?
//   llmdyno-selftest --quick
//   llmdyno-selftest --concurrency 1000 --max-p99-us 50
#include <string>
#include <vector>

#include "cli/run_app.h"
#include "selftest/selftest.h"
#include "selftest/simulator_process.h"

int main(int argc, char* argv[]) {
  using namespace llmdyno;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (IsSimulatorCommand(arguments)) return ServeSimulator(arguments);
  SelftestOptions options;
  FlagTable flags = MakeSelftestFlags(options);
  return RunApp("llmdyno-selftest", flags, arguments, [&] { return RunSelftest(options, flags); });
}
