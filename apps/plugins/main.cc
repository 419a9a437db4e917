// llmdyno-plugins: what can be named behind --workload, --arrival, --dialect, --sink and --report?
#include <string>
#include <vector>

#include "cli/run_app.h"
#include "plugins/plugins.h"

int main(int argc, char* argv[]) {
  llmdyno::PluginsOptions options;
  llmdyno::FlagTable flags = llmdyno::MakePluginsFlags(options);
  return llmdyno::RunApp("llmdyno-plugins", flags, std::vector<std::string>(argv + 1, argv + argc),
                         [&] { return llmdyno::RunPlugins(options); });
}
