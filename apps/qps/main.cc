// llmdyno-qps: where does an endpoint break, and what does a million tokens cost there?
//
// Two faces: levels and capacity search by its own flags, and `llmdyno-qps serve` by those of vLLM's serving
// benchmark. A command line with a flag that only the latter has is taken for it.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run_app.h"
#include "qps/qps.h"
#include "qps/serve.h"

namespace {

bool WantsServe(std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front() == "serve") {
    arguments.erase(arguments.begin());
    return true;
  }
  constexpr std::array<std::string_view, 5> kServeOnly = {"--request-rate", "--num-prompts", "--dataset-name",
                                                          "--backend", "--save-result"};
  return std::any_of(arguments.begin(), arguments.end(), [&](std::string argument) {
    argument = argument.substr(0, argument.find('='));
    std::replace(argument.begin(), argument.end(), '_', '-');
    return std::find(kServeOnly.begin(), kServeOnly.end(), argument) != kServeOnly.end();
  });
}

}  // namespace

int main(int argc, char* argv[]) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (WantsServe(arguments)) {
    llmdyno::ServeOptions options;
    llmdyno::FlagTable flags = llmdyno::MakeServeFlags(options);
    return llmdyno::RunApp("llmdyno-qps serve", flags, arguments,
                           [&] { return llmdyno::RunServe(options, flags); });
  }
  llmdyno::QpsOptions options;
  llmdyno::FlagTable flags = llmdyno::MakeQpsFlags(options);
  return llmdyno::RunApp("llmdyno-qps", flags, arguments, [&] { return llmdyno::RunQps(options, flags); });
}
