// llmdyno-sweep: every shape of workload, every batch size, every kind of request.
//
// Two faces: the sweep, and `llmdyno-sweep simple`, batches of questions without a scenario. A command line
// with --dataset-key is taken for the latter.
#include <algorithm>
#include <string>
#include <vector>

#include "cli/run_app.h"
#include "sweep/sweep.h"

namespace {

bool WantsSimple(std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front() == "simple") {
    arguments.erase(arguments.begin());
    return true;
  }
  return std::any_of(arguments.begin(), arguments.end(), [](std::string argument) {
    argument = argument.substr(0, argument.find('='));
    std::replace(argument.begin(), argument.end(), '_', '-');
    return argument == "--dataset-key";
  });
}

}  // namespace

int main(int argc, char* argv[]) {
  using namespace llmdyno;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool is_simple = WantsSimple(arguments);
  SweepOptions options = is_simple ? SweepOptions::ForSimple() : SweepOptions();
  FlagTable flags = is_simple ? MakeSimpleFlags(options) : MakeSweepFlags(options);
  return RunApp(is_simple ? "llmdyno-sweep simple" : "llmdyno-sweep", flags, arguments,
                [&] { return RunSweepApp(options, flags); });
}
